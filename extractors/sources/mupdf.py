"""PyMuPDF without its layout analysis, and silent: the one place that imports it.

Left to itself, `import pymupdf` loads a layout model, ONNX Runtime and NumPy through `pymupdf.layout` and
`pymupdf4llm`, a second and 150 MB for what is never called here. Both are optional to it: it goes on without
what cannot be imported. They are kept out during its import alone, so that others may import them later.
"""

from __future__ import annotations

import sys

UNUSED = ("pymupdf.layout", "pymupdf4llm")

_kept_out = [name for name in UNUSED if name not in sys.modules]
for _name in _kept_out:
    sys.modules[_name] = None  # type: ignore[assignment]  # makes its import an ImportError
try:
    import pymupdf
finally:
    for _name in _kept_out:
        del sys.modules[_name]

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
# as high as the face says, as `pymupdf4llm` sets it too: a box must not hang on what else is imported
pymupdf.TOOLS.unset_quad_corrections(True)

__all__ = ["pymupdf"]
