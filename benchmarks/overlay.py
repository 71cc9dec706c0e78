"""What only the comparison needs, kept apart from the project's own packages.

img2table calls functions that only the "contrib" build of OpenCV has, and the project runs on the plain
headless build of the same version (the Makefile settles that). So the packages go into a folder of their own,
results/overlay, which comes first on the module path of the benchmark alone. RapidOCR's wheel carries the same
PP-OCRv6 small models that the project uses.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path("results") / "overlay"
PACKAGES = (
    "opencv-contrib-python-headless==4.10.0.84",
    "img2table==2.0.0",
    "pypdfium2>=5,<6",
    "xlsxwriter>=3,<4",
    "beautifulsoup4>=4.12,<5",
    "soupsieve>=2,<3",
    "rapidocr>=3.10,<4",
    "omegaconf>=2.3,<3",
    "antlr4-python3-runtime==4.9.*",
    "colorlog>=6,<7",
)


def install() -> Path:
    """The folder, filled at first use; raises CalledProcessError where the packages cannot be had."""
    folder = FOLDER.resolve()
    if not all((folder / name).is_dir() for name in ("img2table", "rapidocr")):
        print(f"installing img2table and RapidOCR into {FOLDER}", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
        subprocess.run([*pip, *PACKAGES], check=True)
    return folder


def require(module: str) -> None:
    """Start `python -m MODULE` again, with the same arguments, on top of the overlay, if it is not there yet."""
    if str(FOLDER.resolve()) in sys.path:
        return
    folder = install()
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], {**os.environ, "PYTHONPATH": path})
