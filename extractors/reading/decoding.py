"""The recogniser's probabilities → text, and the best reading as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extractors.figures import LOOKALIKES

FIGURES = "0123456789.,-+/—"
UNLIKELY = 0.01
"""Probability below which a character is not considered at a step, nor a whole figure as an alternative."""
BEAMS = 8
BLANK = 0
"""Index of the blank of connectionist temporal classification (CTC)."""


class Alphabet:
    """The recogniser's characters, and which of them stand for each character of a figure."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = characters
        index = {character: i for i, character in enumerate(characters)}
        # a wide gap between digits is read as a space; within one cell it says nothing
        groups = [[BLANK, *(index[c] for c in " " if c in index)]]
        groups += [[index[c] for c in (figure, *LOOKALIKES.get(figure, "")) if c in index] for figure in FIGURES]
        self.telling = np.array([i for group in groups for i in group])
        """Indices of all characters that stand for something in a figure."""
        self.meaning = np.repeat(np.eye(len(groups), dtype=np.float32), [len(group) for group in groups], axis=0)
        """What each of them stands for: one row each, a column for nothing and for each of FIGURES."""


@dataclass(frozen=True)
class Recognition:
    """`figure` is the best reading if nothing but a figure may stand there; confidences are 0–1."""

    text: str
    confidence: float
    weakest: float
    """Confidence of the least sure character."""
    figure: str
    figure_confidence: float
    """Of the least sure character of the figure, against everything else that it may be."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Figures that the pixels support, with the probability of each, likeliest first; where asked for."""
    characters: tuple[tuple[float, float], ...] = ()
    """Of each character of the text: how sure it is, and the step that it was read at."""
    doubted: tuple[int, int] = (0, 0)
    """Chinese characters that the quick recogniser was not sure of, and all that it saw: how legible the print is."""


def decode(probabilities: NDArray[np.float32], alphabet: Alphabet, alternatives: bool = False) -> Recognition:
    """Greedy CTC decoding of steps × characters; with `alternatives` also the figures that it may be."""
    best = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(best)), best]
    kept = _kept(best)
    text = "".join(alphabet.characters[best[i]] for i in kept)
    scores = sure[kept]
    figure, figure_confidence = _decode_figure(probabilities, alphabet)
    return Recognition(
        text=text,
        confidence=float(scores.mean()) if len(kept) else 0.0,
        weakest=float(scores.min()) if len(kept) else 0.0,
        figure=figure,
        figure_confidence=figure_confidence,
        alternatives=tuple(_figures(_folded(probabilities, alphabet))) if alternatives else (),
        characters=tuple(zip(scores.tolist(), kept.tolist(), strict=True)),
    )


def _decode_figure(probabilities: NDArray[np.float32], alphabet: Alphabet) -> tuple[str, float]:
    """Decode with the probabilities of look-alikes added up and all other characters left out."""
    folded = _folded(probabilities, alphabet)
    best, sure = folded.argmax(axis=1), folded.max(axis=1)
    kept = _kept(best)
    text = "".join(FIGURES[best[i] - 1] for i in kept)
    # a step where something else is likelier than anything of a figure makes the whole figure unsure
    doubt = 1 - float(sure.min()) if len(sure) else 1.0
    confidence = min(float(sure[kept].min()), 1 - doubt) if len(kept) else 0.0
    return text, confidence


def _folded(probabilities: NDArray[np.float32], alphabet: Alphabet) -> NDArray[np.float32]:
    """Steps × (nothing, then each character of a figure), look-alikes added up."""
    return np.asarray(probabilities[:, alphabet.telling] @ alphabet.meaning)


def _figures(folded: NDArray[np.float32]) -> list[tuple[str, float]]:
    """The likeliest figures by prefix beam search (Hannun et al. 2014): all ways to spell each are added up."""
    # text → probability that it ends in nothing, and that it ends in its last character
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for step in folded:
        following: dict[str, tuple[float, float]] = {}

        def add(text: str, nothing: float, character: float, into: dict[str, tuple[float, float]] = following) -> None:
            before = into.get(text, (0.0, 0.0))
            into[text] = (before[0] + nothing, before[1] + character)

        likely = [i for i in range(1, len(step)) if step[i] > UNLIKELY]
        for text, (nothing, character) in beams.items():
            add(text, (nothing + character) * float(step[BLANK]), 0.0)
            for i in likely:
                figure, share = FIGURES[i - 1], float(step[i])
                if text.endswith(figure):
                    add(text, 0.0, character * share)
                    add(text + figure, 0.0, nothing * share)
                else:
                    add(text + figure, 0.0, (nothing + character) * share)
        beams = dict(sorted(following.items(), key=lambda item: -sum(item[1]))[:BEAMS])
    return [(text, sum(shares)) for text, shares in beams.items() if text and sum(shares) >= UNLIKELY]


def _kept(best: NDArray[np.intp]) -> NDArray[np.intp]:
    """Steps at which a character begins: neither blank nor the repetition of the step before."""
    begins = best != BLANK
    begins[1:] &= best[1:] != best[:-1]
    return np.flatnonzero(begins)
