"""Damage to the bytes of a file as it comes about by accident or on purpose, drawn from a seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

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


def mutate(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """The file after one to four kinds of damage."""
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(KINDS)(data, others, rng)
    return data


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
    """Exchange a few names, numbers, references or brackets for others of the file, or for nasty ones."""
    for _ in range(rng.choice((1, 2, 8))):
        tokens = list(TOKEN.finditer(data))
        if not tokens:
            break
        place, other = rng.choice(tokens), rng.choice(tokens)
        new = rng.choice(NASTY) if rng.random() < 0.5 else other.group()
        data = data[: place.start()] + new + data[place.end() :]
    return data


KINDS: tuple[Callable[[bytes, Sequence[bytes], Random], bytes], ...] = (
    _flip,
    _cut,
    _drop,
    _repeat,
    _splice,
    _edit,
    _edit,
)
