"""Word files (.docx) through python-docx: a ZIP of XML, judged before anything is unpacked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from extractors.errors import DamagedFile, EncryptedFile, LimitExceeded, UnsupportedType
from extractors.limits import Limits
from extractors.sources.archives import ArchiveLimits, InPieces
from extractors.sources.damage import damage_told

if TYPE_CHECKING:
    from docx.document import Document

LIBRARIES = ("docx", "lxml", "zipfile")
"""Whose errors are damage of the file."""
PARTS = {"[Content_Types].xml", "word/document.xml"}
"""What makes a ZIP a Word file, at its top; all writers that are in use put the text there."""
ENCRYPTED = 0x1
"""The flag of an entry that is packed with a password."""


def open_docx(path: Path, limits: Limits) -> Document:
    """The document; raises DamagedFile, EncryptedFile, LimitExceeded, UnsupportedType.

    Entities are not resolved and nothing outside of the file is read: python-docx's parser sees to that.
    """
    _check(path, limits)
    import docx

    with damage_told(*LIBRARIES), path.open("rb") as file:
        document = docx.Document(file)
    if getattr(document.element, "body", None) is None:
        raise DamagedFile
    return document


def _check(path: Path, limits: Limits) -> None:
    """By the ZIP's directory: what an entry says of its size is never exceeded when it is unpacked."""
    most = ArchiveLimits().max_directory_bytes
    with damage_told("zipfile"), path.open("rb") as file, ZipFile(InPieces(file, most)) as archive:
        entries = archive.infolist()
    if not {entry.filename for entry in entries} >= PARTS:
        raise UnsupportedType
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise EncryptedFile(
            "The document is protected by a password; please remove the password and send it again.",
            "文档设有密码，请去除密码后再上传。",
        )
    markup = sum(entry.file_size for entry in entries if entry.filename.lower().endswith((".xml", ".rels")))
    unpacked = sum(entry.file_size for entry in entries)
    for size, most in ((markup, limits.max_markup), (unpacked, limits.max_bytes)):
        if size > most:
            raise LimitExceeded(
                f"The document unpacks to {size / 1048576:.1f} MB, and {most // 1048576} MB are accepted; "
                "please remove pictures and attachments and send it again.",
                f"文档解压后有 {size / 1048576:.1f} MB，超过上限 {most // 1048576} MB，请删去图片和附件后再上传。",
            )
