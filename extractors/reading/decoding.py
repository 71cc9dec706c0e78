"""The recogniser's probabilities → text, and the best reading as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIGURES = "0123456789.,-+/—"
LOOKALIKES = {"0": "OoΟοОо〇○０QD", "1": "lI|丨｜１", "-": "－–−一", "—": "―", ".": "．·", "/": "／"}
"""Characters that printed figures are taken for; their probability counts for the figure."""
BLANK = 0
"""Index of the blank of connectionist temporal classification (CTC)."""


class Alphabet:
    """The recogniser's characters, and which of them stand for each character of a figure."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = characters
        index = {character: i for i, character in enumerate(characters)}
        self.nothing = [BLANK, *([index[" "]] if " " in index else [])]
        """A wide gap between digits is read as a space; within one cell it says nothing."""
        self.figure_indices = [
            [index[c] for c in (figure, *LOOKALIKES.get(figure, "")) if c in index] for figure in FIGURES
        ]


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


def decode(probabilities: NDArray[np.float32], alphabet: Alphabet) -> Recognition:
    """Greedy CTC decoding of steps × characters."""
    best = probabilities.argmax(axis=1)
    sure = probabilities.max(axis=1)
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
    )


def _decode_figure(probabilities: NDArray[np.float32], alphabet: Alphabet) -> tuple[str, float]:
    """Decode with the probabilities of look-alikes added up and all other characters left out."""
    columns = [probabilities[:, alphabet.nothing].sum(axis=1)]
    columns += [probabilities[:, indices].sum(axis=1) for indices in alphabet.figure_indices]
    folded = np.stack(columns, axis=1)
    best, sure = folded.argmax(axis=1), folded.max(axis=1)
    kept = _kept(best)
    text = "".join(FIGURES[best[i] - 1] for i in kept)
    # a step where something else is likelier than anything of a figure makes the whole figure unsure
    doubt = 1 - float(sure.min()) if len(sure) else 1.0
    confidence = min(float(sure[kept].min()), 1 - doubt) if len(kept) else 0.0
    return text, confidence


def _kept(best: NDArray[np.intp]) -> NDArray[np.intp]:
    """Steps at which a character begins: neither blank nor the repetition of the step before."""
    begins = best != BLANK
    begins[1:] &= best[1:] != best[:-1]
    return np.flatnonzero(begins)
