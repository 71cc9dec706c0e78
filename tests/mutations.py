"""Damage to the bytes of a file as it comes about by accident or on purpose, drawn from a seed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

from extractors.sources import kinds

Damage = Callable[[bytes, Sequence[bytes], Random], bytes]
TOKEN = re.compile(rb"/[A-Za-z]+|\d+ 0 R|-?\d+\.?\d*|obj|endobj|stream|endstream|<<|>>|\[|\]")
"""What an edit of a PDF's objects exchanges."""
NASTY = (
    b"0",
    b"-1",
    b"2147483648",
    b"99999999999",
    b"1e30",
    b"nan",
    b"null",
    b"[]",
    b"<<>>",
    b"1 0 R",
    b"9999 0 R",
    b"",
)
MARKUP = re.compile(rb'<[^<>]*>|"[^"]*"|[\w:-]+(?==)|\d+')
NASTY_MARKUP = (
    *(b"0", b"-1", b"2147483648", b"9" * 5000, b"1.2.3", b'""', b"\xc2\xb2", b"nan", b"", b"&x;"),
    *(b"<table>", b"<tr>", b"</td>", b"<!--", b"<w:tbl>", b"<w:tr>", b"</w:tc>"),
)
"""The same of web pages and of what is in Word files."""
INSIDE = 0.85
"""Share of the Word files of which a part is damaged and packed again; of the others what is packed."""


def mutate(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """The file after one to four kinds of damage."""
    kind = kinds.sniff(data[:1024])
    if kind == kinds.DOCX and rng.random() < INSIDE:
        return _inside(data, rng)
    return _damaged(data, others, rng, _edit_markup if kind in kinds.TYPED else _edit)


def _damaged(data: bytes, others: Sequence[bytes], rng: Random, edit: Damage) -> bytes:
    for _ in range(rng.randint(1, 4)):
        data = rng.choice((*BLIND, edit, edit))(data, others, rng)
    return data


def _inside(data: bytes, rng: Random) -> bytes:
    """One part of a Word file is damaged: its text, or any other."""
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as archive, ZipFile(packed, "w", ZIP_DEFLATED) as made:
        parts = {name: archive.read(name) for name in archive.namelist()}
        which = rng.choice(("word/document.xml", *parts))
        parts[which] = _damaged(parts[which], list(parts.values()), rng, _edit_markup)
        for name, content in parts.items():
            made.writestr(name, content)
    return packed.getvalue()


def _flip(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 4, 20, 100)) if out else 0):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _cut(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    return data[: int(len(data) * rng.random() ** 0.5)]


def _drop(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, 400) :]


def _repeat(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start : start + rng.randint(1, 400)] * rng.randint(2, 9) + data[start:]


def _splice(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


def _edit(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    return _exchanged(data, TOKEN, NASTY, rng)


def _edit_markup(data: bytes, _others: Sequence[bytes], rng: Random) -> bytes:
    return _exchanged(data, MARKUP, NASTY_MARKUP, rng)


def _exchanged(data: bytes, token: re.Pattern[bytes], nasty: Sequence[bytes], rng: Random) -> bytes:
    """A few names, numbers, references or brackets are others of the file, or nasty ones."""
    for _ in range(rng.choice((1, 2, 8))):
        tokens = list(token.finditer(data))
        if not tokens:
            break
        place, other = rng.choice(tokens), rng.choice(tokens)
        new = rng.choice(nasty) if rng.random() < 0.5 else other.group()
        data = data[: place.start()] + new + data[place.end() :]
    return data


BLIND: tuple[Damage, ...] = (_flip, _cut, _drop, _repeat, _splice)
"""Kinds of damage that know nothing of what they damage."""
