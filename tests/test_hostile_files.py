"""Files made to do harm: each is answered with a sentence, never with an error from inside a library."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import DamagedFile
from extractors.limits import DEFAULT_LIMITS
from extractors.sources import inspect

LOOP = b"""%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Count 1/Kids[2 0 R]>> endobj
trailer <</Size 3/Root 1 0 R>>
%%EOF
"""


def test_a_page_tree_that_holds_itself_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "loop.pdf"
    path.write_bytes(LOOP)
    with pytest.raises(DamagedFile):
        inspect(path, "loop.pdf", DEFAULT_LIMITS)
