"""ZIPs as offices send them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile


def zip_of(files: Mapping[str, bytes], gbk: bool = False) -> io.BytesIO:
    """A ZIP of files by their names, which are packed as Chinese Windows does it where `gbk` is wanted."""
    made, names = io.BytesIO(), {}
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files.items()):
            raw = name.encode("gbk") if gbk else b""
            stand_in = f"{number:04}".ljust(len(raw), "n") if gbk else name
            names[stand_in.encode()] = raw
            archive.writestr(stand_in, content)
    content = made.getvalue()
    for stand_in_bytes, raw in names.items() if gbk else ():
        content = content.replace(stand_in_bytes, raw)
    return io.BytesIO(content)
