"""Files made to do harm, each as small as it can be: a name, its content, and what it is answered with."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import partial

from PIL import Image

from tests.bad_files import zipped

SIDE = (15_000, 8000)
"""Pixels of a picture that is too large: 120 million."""


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


FONT = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
TEXT = b"BT /F 12 Tf 72 700 Td (Annual report of the year 2021) Tj ET "
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


def packed_page(content: bytes, times: int = 2) -> bytes:
    """A page whose instructions are packed so many times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    head = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>>>" % FONT
    catalogue, tree = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdf([catalogue, tree, head, stream(content, b"/Filter[%s]" % (b"/FlateDecode" * times))])


def instruction_bomb() -> bytes:
    return packed_page(b"q Q " * 20_000_000)


def text_bomb() -> bytes:
    return packed_page(TEXT * 60_000)


def path_bomb() -> bytes:
    return packed_page(b"9 9 m 99 99 l S " * 1_000_000)


def forms_in_forms(depth: int) -> bytes:
    """Each form shows the next ten times: 10 ** `depth` times the text."""
    forms = [form(b"/X Do " * 10, b"/XObject<</X %d 0 R>>" % (6 + i)) for i in range(depth)]
    return page(b"/X Do", b"/XObject<</X 5 0 R>>", more=[*forms, form(TEXT, FONT)])


def form_in_itself() -> bytes:
    return page(b"/X Do", b"/XObject<</X 5 0 R>>", more=[form(b"/X Do", b"/XObject<</X 5 0 R>>")])


def glyph_in_itself() -> bytes:
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[.1 0 0 .1 0 0]/FirstChar 97/LastChar 97/Widths[9]"
        b"/Encoding<</Differences[97/a]>>/CharProcs<</a 6 0 R>>/Resources<</Font<</F 5 0 R>>>>>>"
    )
    glyph = b"9 0 d0 BT /F 9 Tf (a) Tj ET"
    return page(b"BT /F 9 Tf (a) Tj ET", b"/Font<</F 5 0 R>>", more=[font, stream(glyph)])


def object_stream_in_itself() -> bytes:
    return page(TEXT, FONT, more=[stream(b"5 0 <</A 1>>", b"/Type/ObjStm/N 1/First 4/Extends 5 0 R")])


def length_of_itself() -> bytes:
    return page(more=[b"<</Length 5 0 R>>\nstream\nq\nendstream"], entries=b"/Contents 5 0 R")


def reference_to_itself() -> bytes:
    return page(box=b"0", entries=b"/Rotate 5 0 R", more=[b"5 0 R"])


def nested_arrays() -> bytes:
    return page(b"[" * 100_000, entries=b"/A" + b"[" * 100_000)


def saved_states() -> bytes:
    return page(b"q " * 1_000_000)


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(count))
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
    return pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), *[leaf] * count]
    )


def deep_page_tree(depth: int) -> bytes:
    nodes = [b"<</Type/Pages/Count 1/Kids[%d 0 R]/Parent %d 0 R>>" % (i + 3, i + 1) for i in range(depth)]
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 595 842]>>"])


def false_count() -> bytes:
    return pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 499>>", b"<</Type/Page/Parent 2 0 R>>"]
    )


def half_characters() -> bytes:
    """Text whose font says that its A is the first half of a character (a lone surrogate of UTF-16)."""
    to_unicode = stream(
        b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/X def/CMapType 2 def\n"
        b"1 begincodespacerange<00><ff>endcodespacerange\n1 beginbfchar<41><d800>endbfchar\nendcmap end end"
    )
    font = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R>>>>"
    return page(b"BT /F 12 Tf 72 700 Td (AAAA and more of it, A) Tj ET", font, more=[to_unicode])


def unit_of_nothing() -> bytes:
    return page(TEXT, FONT, b"/UserUnit 0")


def odd_box() -> bytes:
    return page(TEXT, FONT, box=b"nan inf -1e30 1e30")


def unknown_encryption() -> bytes:
    whole = page(TEXT, FONT)
    return whole.replace(b"<</Root", b"<</Encrypt<</Filter/Standard/V 99/R 99/O()/U()/P 0>>/ID[()()]/Root")


def script(address: bytes) -> bytes:
    """Runs JavaScript as it opens, and has a form of its own."""
    action = b"/OpenAction<</S/JavaScript/JS(this.getURL\\('%s'\\))>>/AcroForm<</XFA 4 0 R>>" % address
    return page(TEXT, FONT, catalogue=action)


def remote_parts(address: bytes) -> bytes:
    """Has its picture, a form, a submission and a file attached at an address."""
    outside = b"/F<</FS/URL/F(%s)>>" % address
    size = b"/Type/XObject/Subtype/Image/Width 9/Height 9/ColorSpace/DeviceGray/BitsPerComponent 8"
    box = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Ref<<%s/Page 0>>" % outside
    notes = (
        b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A<</S/URI/URI(%s)>>>>"
        b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</FS/URL/F(%s)>>>>]/AA<</O<</S/SubmitForm%s>>>>"
    ) % (address, address, outside)
    shown = [stream(b"", size + outside), stream(b"", box)]
    return page(TEXT + b" /I Do /X Do", FONT + b"/XObject<</I 5 0 R/X 6 0 R>>", notes, more=shown)


def web_page(address: bytes) -> bytes:
    """Has all that a page can have elsewhere at an address, and sends its reader there."""
    parts = (
        b"<!DOCTYPE html SYSTEM '%s'[<!ENTITY e SYSTEM '%s'>]><html manifest=%s><head><base href=%s>"
        b"<meta http-equiv=refresh content='0;url=%s'><link rel=stylesheet href=%s><style>@import url(%s);"
        b"p{background:url(%s)}</style><script src=%s></script><script>fetch('%s')</script></head>"
        b"<body background=%s onload=fetch('%s')><p>Annual report of the year 2021 &e;</p><table><tr><td>"
        b"<img src=%s srcset='%s 2x'></table><iframe src=%s></iframe><object data=%s></object><embed src=%s>"
        b"<video src=%s poster=%s></video><svg><image href=%s /><use href='%s#a' /></svg>"
        b"<form action=%s><input type=image src=%s></form><a href=%s ping=%s>34</a></body></html>"
    )
    return parts.replace(b"%s", address)


def web_archive(address: bytes) -> bytes:
    """Such a page saved as one file, with a part that is said to be at an address."""
    outside = b'message/external-body; access-type=URL; URL="%s"\r\n\r\nContent-Type: image/png\r\n\r\n' % address
    parts = [b"text/html\r\nContent-Location: %s\r\n\r\n%s\r\n" % (address, web_page(address)), outside]
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\nContent-Base: %s\r\n\r\n" % address
    return head + b"".join(b"--x\r\nContent-Type: " + part for part in parts) + b"--x--\r\n"


def word_file(address: bytes) -> bytes:
    """A Word file whose picture, template, text of another file and entities are at an address."""
    office, package = (b"http://schemas.openxmlformats.org/%s" % name for name in (b"officeDocument", b"package"))
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = b"<Types xmlns='%s/2006/content-types'><Default Extension='rels' ContentType='%s'/>%s</Types>" % (
        package,
        b"application/vnd.openxmlformats-package.relationships+xml",
        b"<Override PartName='/word/document.xml' ContentType='%s'/>" % main,
    )

    def relations(**targets: bytes) -> bytes:
        each = b"<Relationship Id='%s' Type='%s/2006/relationships/%s' Target=%s/>"
        made = b"".join(each % (name.encode(), office, name.encode(), target) for name, target in targets.items())
        return b"<Relationships xmlns='%s/2006/relationships'>%s</Relationships>" % (package, made)

    there = b"'%s' TargetMode='External'" % address
    outside = relations(image=there, hyperlink=there, attachedTemplate=there, aFChunk=there, oleObject=there)
    text = (
        b"<?xml version='1.0'?><?xml-stylesheet href='%s'?><!DOCTYPE d SYSTEM '%s'[<!ENTITY e SYSTEM '%s'>"
        b"<!ENTITY %% p SYSTEM '%s'>%%p;]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/"
        b"main' xmlns:r='%s/2006/relationships' xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'><w:body>"
        b"<w:p><w:r><w:t>Annual report of the year 2021 &e;</w:t><w:drawing><a:blip r:link='image'/></w:drawing></w:r>"
        b"<w:hyperlink r:id='hyperlink'><w:r><w:t>34</w:t></w:r></w:hyperlink><w:r><w:instrText>INCLUDETEXT %s"
        b"</w:instrText></w:r></w:p><w:altChunk r:id='aFChunk'/></w:body></w:document>"
    ) % (*[address] * 4, office, address)
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relations(officeDocument=b"'word/document.xml'"),
            "word/_rels/document.xml.rels": outside,
            "word/document.xml": text,
        }
    )


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


def tiff_of_one_tile(side: int) -> bytes:
    """A TIFF of 10 × 10 pixels in a tile of so many on each side, packed."""
    tile = zlib.compress(bytes(side * side), 9)
    tags = ((256, 10), (257, 10), (258, 8), (259, 8), (262, 1), (277, 1), (322, side), (323, side))
    begin = 8 + 2 + 12 * (len(tags) + 2) + 4
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in (*tags, (324, begin), (325, len(tile))))
    return b"II*\0" + struct.pack("<IH", 8, len(tags) + 2) + entries + bytes(4) + tile


def cut_tiff() -> bytes:
    """Three pages of noise, two fifths of the file missing."""
    pages = [Image.effect_noise((400, 600), 90).convert("1") for _ in range(3)]
    data = io.BytesIO()
    pages[0].save(data, "TIFF", save_all=True, append_images=pages[1:], compression="group4")
    return data.getvalue()[: data.tell() * 3 // 5]


def spoilt_tiff() -> bytes:
    """A page of zeros in the middle of what is packed."""
    data = io.BytesIO()
    Image.new("L", (400, 600)).save(data, "TIFF", compression="tiff_adobe_deflate")
    return data.getvalue()[:20] + bytes(20) + data.getvalue()[40:]


def picture(width: int, height: int, mode: str = "L", kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    Image.new(mode, (width, height)).save(data, kind)
    return data.getvalue()


ADDRESS = b"http://127.0.0.1:9/a"
CRAFTED: dict[str, Callable[[], bytes]] = {
    "page-tree-in-itself.pdf": page_tree_in_itself,
    "image-in-page.pdf": image_in_page,
    "image-in-instructions.pdf": image_in_instructions,
    "image-in-pattern.pdf": image_in_pattern,
    "image-in-stamp.pdf": image_in_stamp,
    "soft-mask.pdf": soft_mask,
    "instruction-bomb.pdf": instruction_bomb,
    "text-bomb.pdf": text_bomb,
    "path-bomb.pdf": path_bomb,
    "forms-in-forms.pdf": partial(forms_in_forms, 4),
    "form-in-itself.pdf": form_in_itself,
    "glyph-in-itself.pdf": glyph_in_itself,
    "object-stream-in-itself.pdf": object_stream_in_itself,
    "length-of-itself.pdf": length_of_itself,
    "reference-to-itself.pdf": reference_to_itself,
    "nested-arrays.pdf": nested_arrays,
    "saved-states.pdf": saved_states,
    "many-pages.pdf": partial(many_pages, 10_000),
    "deep-page-tree.pdf": partial(deep_page_tree, 5000),
    "false-count.pdf": false_count,
    "half-characters.pdf": half_characters,
    "unit-of-nothing.pdf": unit_of_nothing,
    "odd-box.pdf": odd_box,
    "unknown-encryption.pdf": unknown_encryption,
    "script.pdf": partial(script, ADDRESS),
    "remote-parts.pdf": partial(remote_parts, ADDRESS),
    "web-page.html": partial(web_page, ADDRESS),
    "web-archive.mht": partial(web_archive, ADDRESS),
    "word-file.docx": partial(word_file, ADDRESS),
    "long-page.pdf": long_page,
    "many-pages.tif": partial(tiff_of_pages, 10_000),
    "one-tile.tif": partial(tiff_of_one_tile, 12_000),
    "cut.tif": cut_tiff,
    "comments.html": lambda: b"<!---->" * 200,
    "wide-blanks.html": lambda: f"<html><p>报告{'　' * 20_000}报告</p></html>".encode(),
    "dots.html": lambda: f"<html><p>{'.' * 100_000}报告</p></html>".encode(),
    "blanks.html": lambda: b"<html><p>a" + b" " * 300_000 + b"b</p></html>",
    "spoilt.tif": spoilt_tiff,
    "strip.png": partial(picture, 1, 65_501),
    "large.png": partial(picture, 12_000, 12_000),
}
"""All of them by name."""
