"""PDF files through PyMuPDF (not thread-safe: one thread per process may be in here)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractors.errors import DamagedFile, EncryptedFile, LimitExceeded, NoPages
from extractors.limits import Limits
from extractors.sources.damage import damage_told
from extractors.sources.mupdf import pymupdf

mupdf = pymupdf.mupdf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The PyMuPDF document; raises EncryptedFile, and DamagedFile for whatever fails while it is open."""
    try:
        with damage_told("pymupdf"), closing(pymupdf.open(path, filetype="pdf")) as document:
            if document.needs_pass:
                raise EncryptedFile
            yield document
    finally:
        pymupdf.TOOLS.store_shrink(100)  # else the pictures of closed files stay in memory, up to 256 MB


def page_sizes(path: Path, limits: Limits) -> list[tuple[float, float]]:
    """Width and height of each page in points, as shown (after /Rotate)."""
    with opened(path) as document:
        count = document.page_count
        if count == 0:
            raise NoPages if _ends_whole(path) else DamagedFile
        if count > limits.max_pages:
            raise LimitExceeded(
                f"The file has {count} pages, and {limits.max_pages} are accepted; please split it.",
                f"文件有 {count} 页，超过上限 {limits.max_pages} 页，请拆分后再上传。",
            )
        if document.is_repaired and not _ends_whole(path):
            raise DamagedFile(
                "The PDF is cut off: its end is missing; please copy or download it again and send the whole file.",
                "PDF 不完整，文件末尾缺失，请重新复制或下载完整的文件后再上传。",
            )
        return [_size(page, limits) for page in document]


def _size(page: Any, limits: Limits) -> tuple[float, float]:
    width, height = page.rect.width, page.rect.height
    if max(width, height) > limits.max_side:
        raise LimitExceeded(
            f"Page {page.number + 1} is {width:.0f} × {height:.0f} points, and {limits.max_side} a side are accepted "
            f"({limits.max_side / 72:.0f} inches); please export the report again on A4 or A3 paper.",
            f"第 {page.number + 1} 页的页面尺寸为 {width:.0f} × {height:.0f} 磅，超过每边 {limits.max_side} 磅"
            f"（{limits.max_side * 0.0254 / 72:.2f} 米）的上限，请以 A4 或 A3 纸张重新导出后再上传。",
        )
    return width, height


def _ends_whole(path: Path) -> bool:
    """Whether an end-of-file mark stands within the last 2 KiB: a cut file has none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" in file.read()


def check_page(document: Any, number: int, limits: Limits) -> None:
    """Turn away a page that would take too much time or memory, before it is looked at; raises LimitExceeded."""
    page = document[number - 1]
    _check_instructions(page, limits)
    for image in page.get_images(full=True):
        _check_pixels(image[2], image[3], limits)
        if mask := image[1]:
            _check_pixels(_number(document, mask, "Width"), _number(document, mask, "Height"), limits)
    shown = page.get_textpage(flags=pymupdf.TEXT_PRESERVE_IMAGES)
    for drawn in shown.extractIMGINFO():  # also those that stand in the page's own instructions, and in patterns
        _check_pixels(drawn["width"], drawn["height"], limits)
    characters = len(shown.extractText())
    if characters > limits.max_characters:
        raise LimitExceeded(
            f"The page has {characters} characters, and {limits.max_characters} are accepted; please print it to a "
            "new PDF or scan it.",
            f"本页有 {characters} 个字符，超过上限 {limits.max_characters} 个，请重新打印为 PDF 或扫描后再上传。",
        )


def _check_instructions(page: Any, limits: Limits) -> None:
    """A few bytes may unpack to gigabytes: no more of them are unpacked than are accepted, and none is kept."""
    inner = mupdf.pdf_page_from_fz_page(page.this)
    instructions = mupdf.pdf_dict_gets(inner.obj(), "Contents")
    if not instructions.m_internal:
        return  # an empty page
    stream = mupdf.pdf_open_contents_stream(inner.doc(), instructions)
    if mupdf.fz_skip(stream, limits.max_instructions + 1) > limits.max_instructions:
        raise LimitExceeded(
            f"The page has more than {limits.max_instructions / 1e6:g} million bytes of drawing instructions; "
            "please print it to a new PDF or scan it.",
            f"本页的绘图指令超过 {limits.max_instructions // 10_000} 万字节的上限，请重新打印为 PDF 或扫描后再上传。",
        )


def _number(document: Any, xref: int, key: str) -> int:
    kind, value = document.xref_get_key(xref, key)
    return int(value) if kind == "int" else 0


def _check_pixels(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_pixels:
        raise too_many_pixels(width, height, limits)


def too_many_pixels(width: int, height: int, limits: Limits) -> LimitExceeded:
    million = limits.max_pixels // 1_000_000
    return LimitExceeded(
        f"A picture of {width} × {height} pixels is larger than the limit of {million} million pixels a page; "
        "please scan at 300 dpi or less.",
        f"图片有 {width} × {height} 像素，超过每页 {limits.max_pixels / 10**8:g} 亿像素的上限，"
        "请以不高于 300 dpi 的分辨率重新扫描。",
    )


DPI = 200
"""Resolution at which pages are looked at: office scans are mostly of 200 dpi."""
FILLS = 1.0
"""Points by which a scan may miss the edges of its page."""
MOST_PIXELS = 24_000_000
"""Of one rendered page: A3 at 300 dpi and a little; a larger sheet is rendered coarser."""


def render(page: Any, dpi: float = DPI) -> NDArray[np.uint8]:
    """The page as shown, an RGB array of rows × columns × 3, coarser than asked for where the sheet is huge, and where
    it is nothing but a picture that is coarser itself."""
    import numpy as np  # which a page with text does without

    area = page.rect.width * page.rect.height / 72**2
    dpi = min(dpi, (MOST_PIXELS / max(area, 1e-6)) ** 0.5)
    scan = _only_picture(page)
    if scan is not None:
        return _no_finer(scan, dpi / 72 * page.rect.width)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(dpi / 72, dpi / 72), colorspace=pymupdf.csRGB, alpha=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3).copy()


def _only_picture(page: Any) -> NDArray[np.uint8] | None:
    """The picture that is all that a page shows, as scanners make them: taken out as it is, where rendering would make
    it anew. None where anything else is drawn, the picture is masked, turned or does not fill the page."""
    drawn = [kind for kind, _ in page.get_bboxlog() if kind != "ignore-text"]  # the hidden text of a scanner
    if drawn != ["fill-image"] or page.rotation:
        return None
    images, placed = page.get_images(full=True), page.get_image_info()
    if len(images) != 1 or len(placed) != 1:
        return None
    xref, mask = images[0][:2]
    if mask:
        return None
    wanted = (page.rect.width, 0.0, 0.0, page.rect.height, 0.0, 0.0)
    if any(abs(one - other) > FILLS for one, other in zip(placed[0]["transform"], wanted, strict=True)):
        return None
    pixmap = pymupdf.Pixmap(page.parent, xref)
    if pixmap.alpha or pixmap.colorspace is None:
        return None
    if pixmap.n not in (1, 3):
        pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
    return _rgb(pixmap)


def _rgb(pixmap: Any) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    samples = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    pixels = samples[:, : pixmap.width * pixmap.n].reshape(pixmap.height, pixmap.width, pixmap.n)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixmap.n == 1 else pixels.copy(), np.uint8)


def _no_finer(picture: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """The picture at most so many pixels wide, give or take a tenth, which reading does not mind."""
    import cv2
    import numpy as np

    scale = width / picture.shape[1]
    if scale >= 0.9:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
