"""What kind of file it is, judged by its first bytes and never by its name."""

from __future__ import annotations

PDF = "application/pdf"
PICTURES = {"image/jpeg", "image/png", "image/tiff", "image/webp", "image/bmp"}


def sniff(head: bytes) -> str | None:
    """Media type from the first 1,024 bytes, or None when it is none that can be read.

    A PDF may carry junk before its header (ISO 32000-1, Annex H: within 1,024 bytes).
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "image/tiff"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) > 30:
        return "image/bmp"
    if b"%PDF-" in head[:1024]:
        return PDF
    return None
