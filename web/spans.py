"""Printed headers: paths of labels laid out as header cells that span rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    text: str
    rowspan: int = 1
    colspan: int = 1


def header_rows(paths: Sequence[tuple[str, ...]], stretch: int = -1) -> list[list[Header]]:
    """Rows of header cells over columns whose labels, outermost first, are `paths`.

    A path shorter than the deepest one has its label number `stretch` reach over the levels that it lacks.
    """
    depth = max(map(len, paths))
    columns = [_stretched(path, depth, stretch) for path in paths]
    return [
        [Header(text, rowspan=rows, colspan=columns_) for _, text, rows, columns_ in _starts(columns, level)]
        for level in range(depth)
    ]


def side_headers(paths: Sequence[tuple[str, ...]]) -> list[list[Header]]:
    """For each row, the header cells that begin in it, to the left of its figures."""
    depth = max(map(len, paths))
    columns = [_stretched(path, depth, -1) for path in paths]
    rows: list[list[Header]] = [[] for _ in paths]
    for level in range(depth):
        for row, text, across, down in _starts(columns, level):
            rows[row].append(Header(text, rowspan=down, colspan=across))
    return rows


def _stretched(path: tuple[str, ...], depth: int, stretch: int) -> list[tuple[str, ...]]:
    """At each level the labels down to the one that is shown there; they tell cells apart that read alike."""
    levels = [path[: i + 1] for i in range(len(path))]
    at = stretch % len(path)
    return levels[:at] + [levels[at]] * (depth - len(path)) + levels[at:]


def _starts(columns: list[list[tuple[str, ...]]], level: int) -> list[tuple[int, str, int, int]]:
    """Cells whose top left corner lies in `level`: (column, text, levels spanned, columns spanned)."""
    found = []
    index = 0
    while index < len(columns):
        shown = columns[index][level]
        end = index + 1
        while end < len(columns) and columns[end][level] == shown:
            end += 1
        if level == 0 or columns[index][level - 1] != shown:
            found.append((index, shown[-1], columns[index].count(shown), end - index))
        index = end
    return found
