"""Word documents: the text as it stands, whatever its history."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from extractors.errors import DamagedFile, UnsupportedType
from extractors.limits import DEFAULT_LIMITS
from extractors.reading.docx import read_docx
from extractors.reading.page import TypedTable, TypedText
from tests.bad_files import zipped

W = nsdecls("w")
BY = 'w:id="1" w:author="a"'
Read = Callable[..., list[TypedText | TypedTable]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a document whose body holds some XML before its section."""

    def read(*markup: str) -> list[TypedText | TypedTable]:
        document = docx.Document()
        for part in markup:
            document.element.body.insert_element_before(parse_xml(part.replace(">", f" {W}>", 1)), "w:sectPr")
        path = tmp_path / "made.docx"
        document.save(str(path))
        return read_docx(path, 1, DEFAULT_LIMITS).typed or []

    return read


def texts(blocks: list[TypedText | TypedTable]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, TypedText)]


def run(text: str, tag: str = "t") -> str:
    return f"<w:r><w:{tag}>{text}</w:{tag}></w:r>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


def test_what_was_deleted_is_gone_and_what_was_added_counts(read: Read) -> None:
    changed = f"<w:p>{run('甲')}<w:del {BY}>{run('乙', 'delText')}</w:del><w:ins {BY}>{run('丙')}</w:ins></w:p>"
    moved = f"<w:p><w:moveFrom {BY}>{run('丁')}</w:moveFrom><w:moveTo {BY}>{run('戊')}</w:moveTo></w:p>"
    assert texts(read(changed, moved)) == ["甲丙", "戊"]


def test_paragraphs_whose_mark_was_deleted_are_one(read: Read) -> None:
    first = f"<w:p><w:pPr><w:rPr><w:del {BY}/></w:rPr></w:pPr>{run('前半')}</w:p>"
    assert texts(read(first, f"<w:p>{run('后半')}</w:p>")) == ["前半后半"]


def test_breaks_fields_links_and_hidden_text(read: Read) -> None:
    broken = f"<w:p>{run('甲')}<w:r><w:br/><w:t>乙</w:t></w:r></w:p>"
    field = f"<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:hyperlink>{run('丙')}</w:hyperlink></w:p>"
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>丁</w:t></w:r></w:p>"
    control = f"<w:sdt><w:sdtContent><w:p>{run('戊')}</w:p></w:sdtContent></w:sdt>"
    assert texts(read(broken, field, hidden, control)) == ["甲", "乙", "丙", "戊"]


def test_a_text_box_counts_once(read: Read) -> None:
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    box = f"<w:txbxContent><w:p>{run('框内')}</w:p></w:txbxContent>"
    choices = f'<mc:Choice Requires="v">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    drawn = f"<mc:AlternateContent {spaces}>{choices}</mc:AlternateContent>"
    assert texts(read(f"<w:p>{run('框外')}<w:r>{drawn}</w:r></w:p>")) == ["框外", "框内"]


def test_merged_cells_are_one(read: Read) -> None:
    rows = [
        cell("组", '<w:vMerge w:val="restart"/>') + cell("宽", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("1") + cell("2"),
        cell("独") + cell("3") + cell("4"),
    ]
    (table,) = read("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")
    assert isinstance(table, TypedTable)
    places = {"".join(c.lines): (c.top, c.left, c.bottom, c.right) for c in table.cells}
    assert places == {
        "组": (0, 0, 2, 1),
        "宽": (0, 1, 1, 3),
        "1": (1, 1, 2, 2),
        "2": (1, 2, 2, 3),
        "独": (2, 0, 3, 1),
        "3": (2, 1, 3, 2),
        "4": (2, 2, 3, 3),
    }


def test_deleted_rows_are_gone_and_nested_tables_are_found(read: Read) -> None:
    gone = f"<w:tr><w:trPr><w:del {BY}/></w:trPr>{cell('9')}{cell('9')}</w:tr>"
    inner = f"<w:tbl><w:tr>{cell('总计')}{cell('5')}</w:tr>{gone}</w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc><w:p>{run('前')}</w:p>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    text, table = read(outer)
    assert isinstance(text, TypedText) and text.text == "前"
    assert isinstance(table, TypedTable) and [c.lines for c in table.cells] == [["总计"], ["5"]]


def test_sizes_come_from_runs_and_styles(read: Read) -> None:
    large = '<w:p><w:r><w:rPr><w:b/><w:sz w:val="44"/></w:rPr><w:t>题</w:t></w:r></w:p>'
    title = f'<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr>{run("题")}</w:p>'
    first, second = read(large, title)
    assert isinstance(first, TypedText) and (first.size, first.bold) == (22.0, True)
    assert isinstance(second, TypedText) and second.size == 26.0  # of python-docx's own template


ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>a&e;b</w:t>
</w:r></w:p></w:body></w:document>"""
TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override
PartName="/word/document.xml"
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = b"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Target="word/document.xml"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"""


def test_entities_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(zipped({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": ENTITIES}))
    assert texts(read_docx(path, 1, DEFAULT_LIMITS).typed or []) == ["a"]


@pytest.mark.parametrize("missing", ["[Content_Types].xml", "word/document.xml"])
def test_a_zip_that_holds_no_word_file_at_its_top_is_none(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "made.docx"
    parts = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": ENTITIES}
    path.write_bytes(zipped({f"docs/{name}" if name == missing else name: text for name, text in parts.items()}))
    with pytest.raises(UnsupportedType):
        read_docx(path, 1, DEFAULT_LIMITS)


@pytest.mark.parametrize("content", [b"<w:document", b"", b"<x/>"])
def test_broken_xml_is_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(zipped({"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": content}))
    with pytest.raises(DamagedFile):
        read_docx(path, 1, DEFAULT_LIMITS)


@pytest.mark.parametrize(
    ("part", "before", "after"),
    [
        ("[Content_Types].xml", "wordprocessingml.styles+xml", "x"),
        ("word/_rels/document.xml.rels", 'Target="styles.xml"', 'Target="http://127.0.0.1:9/" TargetMode="External"'),
        ("word/_rels/document.xml.rels", 'Target="numbering.xml"', ""),
        (
            "word/_rels/document.xml.rels",
            'Target="numbering.xml"',
            'Target="http://127.0.0.1:9/" TargetMode="External"',
        ),
    ],
)
def test_parts_that_are_not_what_they_should_be_are_damage(tmp_path: Path, part: str, before: str, after: str) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(zipped({**whole(), part: whole()[part].replace(before.encode(), after.encode())}))
    with pytest.raises(DamagedFile):
        read_docx(path, 1, DEFAULT_LIMITS)


def test_numbers_of_an_unknown_sort_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    types = whole()["[Content_Types].xml"].replace(b"wordprocessingml.numbering+xml", b"x")
    path.write_bytes(zipped({**whole(), "[Content_Types].xml": types}))
    assert texts(read_docx(path, 1, DEFAULT_LIMITS).typed or []) == ["甲"]


def whole() -> dict[str, bytes]:
    """The parts of a Word file with one paragraph."""
    document, data = docx.Document(), io.BytesIO()
    document.add_paragraph("甲")
    document.save(data)
    with zipfile.ZipFile(data) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_damage_in_what_is_packed_is_damage_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    data = bytearray(zipped(whole()))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        place = archive.getinfo("word/document.xml").header_offset + 60
    data[place : place + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(DamagedFile):
        read_docx(path, 1, DEFAULT_LIMITS)


@pytest.mark.parametrize(("sign", "at", "value"), [(b"PK\1\2", 10, 99), (b"PK\1\2", 8, 0x20)])
def test_a_word_file_packed_as_nobody_packs_it_is_damaged(tmp_path: Path, sign: bytes, at: int, value: int) -> None:
    path = tmp_path / "made.docx"
    data = bytearray(zipped(whole()))
    for place in re.finditer(re.escape(sign), bytes(data)):
        data[place.start() + at] = value
    path.write_bytes(data)
    with pytest.raises(DamagedFile):
        read_docx(path, 1, DEFAULT_LIMITS)
