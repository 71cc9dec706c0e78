"""Files made to do harm, each as small as it can be: a name, its content, and what it is answered with."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

SIDE = (30_000, 12_000)
"""Pixels of a picture that is too large: 360 million."""


def pdf(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of objects numbered from 1, the first of them its catalogue."""
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Root 1 0 R/Size %d%s>>\n" % (size, table, size, trailer)
    return out + head + b"startxref\n%d\n%%%%EOF\n" % len(out)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def page(
    content: bytes = b"",
    resources: bytes = b"",
    entries: bytes = b"",
    box: bytes = b"0 0 595 842",
    more: Sequence[bytes] = (),
    catalogue: bytes = b"",
) -> bytes:
    """A PDF of one page; `more` are its objects from 5 on."""
    head = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>%s>>" % (box, resources, entries)
    catalog, tree = b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf([catalog, tree, head, stream(content), *more])


def image(width: int, height: int, entries: bytes = b"") -> bytes:
    """A white picture of 8-bit grays."""
    pixels = zlib.compress(b"\xff" * (width * height), 9)
    head = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (width, height)
    return stream(pixels, head + b"/Filter/FlateDecode" + entries)


def inline_image(width: int, height: int) -> bytes:
    """The same inside the instructions of a page."""
    pixels = zlib.compress(b"\xff" * (width * height), 9)
    return b"q 500 0 0 700 0 0 cm BI /W %d /H %d /CS /G /BPC 8 /F /Fl ID %s\nEI Q" % (width, height, pixels)


def form(content: bytes, resources: bytes = b"") -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<%s>>" % resources)


SHOWN = b"q 500 0 0 700 0 0 cm /I Do Q"


def image_in_page() -> bytes:
    return page(SHOWN, b"/XObject<</I 5 0 R>>", more=[image(*SIDE)])


def image_in_instructions() -> bytes:
    return page(inline_image(*SIDE))


def image_in_pattern() -> bytes:
    tile = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 500 700]/XStep 500/YStep 700/Resources<<>>"
    fill = b"/Pattern cs /P scn 0 0 500 700 re f"
    return page(fill, b"/Pattern<</P 5 0 R>>", more=[stream(inline_image(*SIDE), tile)])


def image_in_stamp() -> bytes:
    stamp = b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 500 700]/AP<</N 5 0 R>>>>]"
    return page(entries=stamp, more=[form(inline_image(*SIDE))])


def soft_mask() -> bytes:
    return page(SHOWN, b"/XObject<</I 5 0 R>>", more=[image(10, 10, b"/SMask 6 0 R"), image(*SIDE)])


def long_page() -> bytes:
    return page(box=b"0 0 1 10000000")


def page_tree_in_itself() -> bytes:
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"])


def tiff_of_pages(count: int) -> bytes:
    """A TIFF of so many pages of 10 × 10 pixels, all of them the same bytes."""
    out = b"II*\0" + struct.pack("<I", 8)
    tags = ((256, 3, 10), (257, 3, 10), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 3, 10), (279, 4, 100))
    entries = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, n) for tag, kind, n in tags)
    size = len(entries) + 4
    directories = [entries + struct.pack("<I", 8 + size * number) for number in range(1, count)]
    return out + b"".join(directories) + entries + bytes(104)


def cut_tiff() -> bytes:
    """Three pages of noise, two fifths of the file missing."""
    pages = [Image.effect_noise((400, 600), 90).convert("1") for _ in range(3)]
    data = io.BytesIO()
    pages[0].save(data, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return data.getvalue()[: data.tell() * 3 // 5]


def picture(width: int, height: int, mode: str = "L", kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new(mode, (width, height)).save(data, kind)
    return data.getvalue()
