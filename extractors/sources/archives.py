"""What a ZIP holds, judged by its directory before anything is unpacked, and read without trusting it.

Nothing is written: an entry's name is only ever shown, so that one that climbs out of its folder does no harm, and
is refused all the same, since no honest tool makes one.
"""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from extractors.errors import DamagedFile, DocumentError, LimitExceeded


class RefusedEntry(DocumentError):
    """One entry of a ZIP that is not taken; the others are."""

    code = "refused-entry"


@dataclass(frozen=True)
class ArchiveLimits:
    """Upper bounds for one ZIP."""

    max_entries: int = 10_000
    max_directory_bytes: int = 5 * 1024**2
    """Of the list of all entries: `zipfile` reads it whole, at ten times its size in memory."""
    max_bytes: int = 4 * 1024**3
    """Of all entries together, unpacked."""
    max_entry_bytes: int = 100 * 1024 * 1024
    max_ratio: int = 200
    """Unpacked to packed bytes of one entry: PDFs and pictures come to 1–20, zeros to 1,000."""


@dataclass(frozen=True)
class Entry:
    """A file in the ZIP: its name with its folders, and why it is not taken, if it is not."""

    name: str
    info: ZipInfo
    problem: RefusedEntry | None


FURNITURE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What computers put beside the files, which nobody means to send."""
UNIX, UTF_8, ENCRYPTED = 3, 0x800, 0x1
BLOCK = 1 << 20


@dataclass(frozen=True)
class InPieces:
    """A ZIP as `zipfile` may read it: all that it reads at once is the directory, and what stands behind it."""

    file: IO[bytes]
    most: int

    def read(self, size: int = -1) -> bytes:
        if size > self.most:
            raise LimitExceeded(
                f"The list of the files in the ZIP is longer than {self.most // 2**20} MB; please split the ZIP.",
                f"压缩包的文件目录超过 {self.most // 2**20} MB，请拆分后再上传。",
            )
        return self.file.read(self.most if size < 0 else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def seekable(self) -> bool:
        return True


@contextmanager
def opened(file: IO[bytes], limits: ArchiveLimits) -> Iterator[ZipFile]:
    """The ZIP; raises DamagedFile for one that cannot be opened, LimitExceeded for one with too long a directory."""
    try:
        archive = ZipFile(InPieces(file, limits.max_directory_bytes))
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise DamagedFile(
            "The ZIP is damaged or incomplete; please pack the files again and send the new ZIP.",
            "ZIP 压缩包已损坏或不完整，请重新打包后再上传。",
        ) from error
    with archive:
        yield archive


def entries(archive: ZipFile, limits: ArchiveLimits) -> list[Entry]:
    """The files of the ZIP in its order, without folders and furniture; raises LimitExceeded for the ZIP as a whole."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    if len(files) > limits.max_entries:
        raise LimitExceeded(
            f"The ZIP has {len(files)} files, and {limits.max_entries} are accepted; please split it.",
            f"压缩包内有 {len(files)} 个文件，超过上限 {limits.max_entries} 个，请拆分后再上传。",
        )
    total = sum(info.file_size for info in files)
    if total > limits.max_bytes:
        raise LimitExceeded(
            f"The ZIP unpacks to {total / 2**20:.0f} MB, and {limits.max_bytes / 2**20:.0f} MB are accepted; "
            "please split it.",
            f"压缩包解压后为 {total / 2**20:.0f} MB，超过上限 {limits.max_bytes / 2**20:.0f} MB，请拆分后再上传。",
        )
    seen: set[str] = set()
    found = []
    for info in files:
        name = name_of(info)
        if is_furniture(name):
            continue
        found.append(Entry(name, info, _problem(name, info, seen, limits)))
        seen.add(name)
    return found


def is_furniture(name: str) -> bool:
    """Whether a computer has put the file there."""
    return any(part in name for part in FURNITURE)


def name_of(info: ZipInfo) -> str:
    """The name as its sender saw it: UTF-8 where the ZIP says so or it can be nothing else, else GBK, as Chinese
    Windows packs it (APPNOTE.TXT 4.4.4, bit 11)."""
    if info.flag_bits & UTF_8:
        return info.orig_filename.replace("\\", "/")
    raw = info.orig_filename.encode("cp437")  # as `zipfile` has decoded it: each byte has its character
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return info.orig_filename.replace("\\", "/")


def _problem(name: str, info: ZipInfo, seen: set[str], limits: ArchiveLimits) -> RefusedEntry | None:
    """The first thing that is wrong with an entry."""
    ratio = info.file_size / max(info.compress_size, 1)
    megabytes = info.file_size / 2**20
    wrong = (
        (_leaves(name), "its name leads out of its folder", "文件名指向压缩包所在文件夹之外"),
        (_is_link(info), "it is a link, not a file", "它是符号链接而不是文件"),
        (info.flag_bits & ENCRYPTED, "it is protected by a password", "它设有密码"),
        (name in seen, "another file before it has the same name", "与前面的文件重名"),
        (
            info.file_size > limits.max_entry_bytes,
            f"it unpacks to {megabytes:.0f} MB, and {limits.max_entry_bytes / 2**20:.0f} MB are accepted",
            f"解压后为 {megabytes:.0f} MB，超过上限 {limits.max_entry_bytes / 2**20:.0f} MB",
        ),
        (
            info.file_size > BLOCK and ratio > limits.max_ratio,
            f"it unpacks to {ratio:.0f} times its size, and {limits.max_ratio} times are accepted",
            f"解压后为原来的 {ratio:.0f} 倍，超过上限 {limits.max_ratio} 倍",
        ),
        (name.lower().endswith(".zip"), "it is a ZIP within the ZIP", "它是压缩包中的压缩包"),
    )
    for applies, english, chinese in wrong:
        if applies:
            return RefusedEntry(
                f"This file of the ZIP is left out: {english}; please send it by itself.",
                f"压缩包中的这个文件未被接收：{chinese}，请单独上传。",
            )
    return None


def _leaves(name: str) -> bool:
    """Whether the name is absolute, has a drive, climbs, or holds what no name may hold."""
    return name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or "\0" in name


def _is_link(info: ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return info.create_system == UNIX and stat.S_IFMT(mode) not in (0, stat.S_IFREG)


def blocks(archive: ZipFile, entry: Entry, limits: ArchiveLimits) -> Iterator[bytes]:
    """The bytes of an entry, no more than it says and than is accepted; raises its problem, and RefusedEntry."""
    if entry.problem:
        raise entry.problem
    left = min(entry.info.file_size, limits.max_entry_bytes)
    try:
        with archive.open(entry.info) as file:
            while block := file.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise BadZipFile("longer than its directory says")
                yield block
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise RefusedEntry(
            "This file of the ZIP is damaged; please send it by itself.",
            "压缩包中的这个文件已损坏，请单独上传。",
        ) from error
