"""Crops of lines of text → what they say, by a quick model first and by a thorough one where that is not sure.

Each crop is an array of HEIGHT × its own width, −1…1: the three colours that the models take are the same gray. The
quick recogniser takes a fifth of the thorough one's time; where it doubts a few characters of a long line, the thorough
one is shown only these and their neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from extractors.figures import UNLIKE_STROKES, without_lookalikes
from extractors.reading import decoding
from extractors.reading.decoding import Recognition

HEIGHT = 48
"""Pixels: the height that the recognisers were trained at."""
NARROWEST, WIDEST = 16, 3200
"""Pixels: bounds of a crop's width at that height."""
STEP = 8
"""Pixels of one step of the recognisers' output."""
WIDTH_STEP = 16
BATCH_COLUMNS = 1600
"""Columns of pixels in one batch of crops of like width: larger batches are slower on a CPU."""
SURE_FIGURE, SURE_TEXT = 0.95, 0.8
"""Confidence from which the quick recogniser's figure, or character, is taken: of 759 such figures of made scans none
differed from what the thorough one read, of 3,900 characters 5, of which it was right about 2."""
LONG, NARROWER = 300, 0.75
"""Pixels of width from which the quick recogniser is shown a crop narrower, and by how much: it reads running text as
well so, and takes that much less time."""
CONTEXT = 1
"""Characters on each side of doubtful ones that are shown with them, and must be read the same by both."""
MOST_SHOWN = 0.6
"""Share of a line from which it is read again whole."""
TEXT = 4
"""Chinese characters from which a crop is a label or a line of text."""
BROKEN = 0.5
"""Confidence below which a Chinese character is not whole; of two ways of writing it (内, 內) the likelier has more."""
WORST = 0.1
"""Share of a page's characters that may stand in crops gone wrong: two lines in one, a smear."""
ENOUGH = 8
"""Lines of a page of which the worst may be left out, whatever its length."""
SHORT = 8
"""Characters: shorter lines are read again whole."""

LEVELS = ((np.arange(256) / 255 - 0.5) / 0.5).astype(np.float32)
"""What the recognisers take for each level of gray."""

Crop = NDArray[np.float32]


class Recogniser:
    """One recognition model, loaded by PaddleOCR."""

    def __init__(self, predictor: Any) -> None:
        self._predictor = predictor
        self._alphabet = decoding.Alphabet(predictor.post_op.character)

    def read(self, crops: Sequence[Crop], alternatives: bool = False) -> list[Recognition]:
        """What each crop says; with `alternatives`, what else it may be."""
        results: dict[int, Recognition] = {}
        for batch in _batches([crop.shape[1] for crop in crops]):
            tensor = np.zeros((len(batch), 1, HEIGHT, max(crops[i].shape[1] for i in batch)), np.float32)
            for row, i in enumerate(batch):
                tensor[row, 0, :, : crops[i].shape[1]] = crops[i]
            probabilities = self._predictor.runner(x=[np.repeat(tensor, 3, axis=1)])[0]
            for row, i in enumerate(batch):
                results[i] = decoding.decode(probabilities[row], self._alphabet, alternatives)
        return [results[i] for i in range(len(crops))]


def scale(crop: MatLike) -> Crop:
    """A crop of gray (rows × columns) as the recognisers take it."""
    height, width = crop.shape
    target = min(max(round(width * HEIGHT / height), NARROWEST), WIDEST)
    resized = cv2.resize(crop, (target, HEIGHT), interpolation=cv2.INTER_LINEAR if height < HEIGHT else cv2.INTER_AREA)
    return np.asarray(LEVELS[resized])


def read_in_two_steps(
    crops: Sequence[Crop],
    quick: Recogniser,
    thorough: Recogniser,
    names: Collection[int] = (),
    strokes: Collection[int] = (),
) -> list[Recognition]:
    """What each crop says: by the quick recogniser where it is sure, else by the thorough one.

    Those whose index is in `names` the thorough one reads in any case: of a name no context tells a rare character,
    and the quick one is sure of the commoner (长江 for 长汀). Those in `strokes` it does only where the quick one
    says a figure that no stroke looks like, as a 7: else their shape says what they are.
    """
    firsts = [
        _widened(result, crop) for result, crop in zip(quick.read(list(map(_narrowed, crops))), crops, strict=True)
    ]
    results = list(firsts)
    spots = {
        i: [] if i in names else _spots(result)
        for i, result in enumerate(results)
        if i in names or not ((i in strokes and not UNLIKE_STROKES & set(result.text)) or _is_sure(result))
    }
    pieces = [(i, spot) for i, found in spots.items() for spot in found]
    shown = thorough.read([crops[i][:, slice(*_columns(results[i], spot))] for i, spot in pieces])
    seen = dict(zip(pieces, shown, strict=True))
    whole = []
    for i, found in spots.items():
        mended = _mended(results[i], [(spot, seen[i, spot]) for spot in found]) if found else None
        if mended is None:
            whole.append(i)
        else:
            results[i] = mended
    for i, result in zip(whole, thorough.read([crops[i] for i in whole]), strict=True):
        results[i] = result
    return [replace(result, doubted=_doubted(first)) for result, first in zip(results, firsts, strict=True)]


def read_views(views: Sequence[Sequence[Crop]], quick: Recogniser, thorough: Recogniser) -> list[list[Recognition]]:
    """What several pictures of one figure each say, with alternatives, for each of the figures.

    The thorough recogniser reads the first; the quick one the others, and where both are not sure of the same figure
    the thorough one these too. Of 398 pictures of faxes that it is spared so, it would have read one otherwise.
    """
    firsts = thorough.read([pictures[0] for pictures in views], alternatives=True)
    others = [(i, picture) for i, pictures in enumerate(views) for picture in pictures[1:]]
    results = quick.read([picture for _, picture in others], alternatives=True)
    open_to_doubt = [n for n, (i, _) in enumerate(others) if not _both_sure(firsts[i], results[n])]
    for n, result in zip(
        open_to_doubt, thorough.read([others[n][1] for n in open_to_doubt], alternatives=True), strict=True
    ):
        results[n] = result
    found = [[first] for first in firsts]
    for (i, _), result in zip(others, results, strict=True):
        found[i].append(result)
    return found


def _both_sure(one: Recognition, other: Recognition) -> bool:
    return one.figure == other.figure and min(one.figure_confidence, other.figure_confidence) >= SURE_FIGURE


def _narrowed(crop: Crop) -> Crop:
    """A long crop NARROWER than it is."""
    width = crop.shape[1]
    if width < LONG:
        return crop
    narrow = cv2.resize(crop, (round(NARROWER * width), HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(narrow, np.float32)


def _widened(result: Recognition, crop: Crop) -> Recognition:
    """What was read on a narrowed crop, with the steps that its characters have on the crop itself."""
    if crop.shape[1] < LONG:
        return result
    characters = tuple((sure, round(step / NARROWER)) for sure, step in result.characters)
    return replace(result, characters=characters)


def _doubted(result: Recognition) -> tuple[int, int]:
    """Chinese characters that are far from sure, and all of them; remains of a seal or of the back make no text."""
    sure = [
        sure
        for character, (sure, _) in zip(result.text, result.characters, strict=True)
        if "\u4e00" <= character <= "\u9fff"
    ]
    return (sum(share < BROKEN for share in sure), len(sure)) if len(sure) >= TEXT else (0, 0)


def legibility(results: Sequence[Recognition]) -> float:
    """Share of the Chinese characters of a page that the quick recogniser was sure of, its worst lines and one
    character apart: of a page with little text, one would be a large share."""
    lines = sorted((r.doubted for r in results if r.doubted[1]), key=lambda line: line[0] / line[1])
    if len(lines) >= ENOUGH:
        lines.pop()  # one crop gone wrong may hold more than that share of a short page
    budget = (1 - WORST) * sum(seen for _, seen in lines)
    doubted = seen = 0
    for line in lines:
        if seen >= budget:
            break
        doubted, seen = doubted + line[0], seen + line[1]
    return 1 - max(doubted - 1, 0) / max(seen, 1)


def _is_sure(result: Recognition) -> bool:
    if result.text and without_lookalikes(result.text) == result.figure:
        return result.figure_confidence >= SURE_FIGURE
    return bool(result.text) and not _doubtful(result)


def _doubtful(result: Recognition) -> list[int]:
    """Indices of the characters that are not sure; which comma it is does not matter in a longer line."""
    signs = len(result.text) >= SHORT
    return [
        i
        for i, (character, (sure, _)) in enumerate(zip(result.text, result.characters, strict=True))
        if sure < SURE_TEXT and not (signs and unicodedata.category(character)[0] in "PZ")
    ]


def _spots(result: Recognition) -> list[tuple[int, int]]:
    """The doubtful characters of a long line with those around, as (first, last + 1); none where it is best read
    again whole."""
    length = len(result.text)
    if length < SHORT:
        return []
    spots: list[tuple[int, int]] = []
    for i in _doubtful(result):
        first, end = max(i - CONTEXT, 0), min(i + CONTEXT + 1, length)
        if spots and first <= spots[-1][1]:
            spots[-1] = (spots[-1][0], end)
        else:
            spots.append((first, end))
    return spots if sum(end - first for first, end in spots) <= MOST_SHOWN * length else []


def _columns(result: Recognition, spot: tuple[int, int]) -> tuple[int, int | None]:
    """The columns of a crop in which these characters stand: up to half way to their neighbours."""
    steps = [step for _, step in result.characters]
    first, end = spot
    left = 0 if first == 0 else round((steps[first - 1] + steps[first] + 1) / 2 * STEP)
    right = None if end == len(steps) else round((steps[end - 1] + steps[end] + 1) / 2 * STEP)
    return left, right


def _mended(result: Recognition, seen: Sequence[tuple[tuple[int, int], Recognition]]) -> Recognition | None:
    """A line with its doubtful characters as the thorough recogniser read them; None where the two do not agree
    about what is around them."""
    text, characters = result.text, list(result.characters)
    for (first, end), piece in reversed(seen):
        before = text[first : first + 1] if first else ""
        after = text[end - 1 : end] if end < len(result.text) else ""
        if not piece.text.startswith(before) or not piece.text.endswith(after) or len(piece.text) < 2:
            return None
        text = text[:first] + piece.text + text[end:]
        # only the steps of the line's own reading tell where on it a character stands
        characters[first:end] = [(sure, characters[first][1]) for sure, _ in piece.characters]
    scores = [sure for sure, _ in characters]
    return replace(
        result,
        text=text,
        confidence=float(np.mean(scores)),
        weakest=min(scores),
        characters=tuple(characters),
    )


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of crops that go together: of nearly one width, few enough for the cache."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=lambda k: widths[k]):
        too_wide = batch and widths[i] > widths[batch[0]] + WIDTH_STEP
        if batch and (too_wide or (len(batch) + 1) * widths[i] > BATCH_COLUMNS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
