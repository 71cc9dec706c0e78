"""Rings of seals among broad ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.reading.rings import Ring, find_rings

DPI = 100.0
Picture = NDArray[np.uint8]


def ringed(*rings: Ring) -> Picture:
    ink: Picture = np.zeros((500, 600), np.uint8)
    for ring in rings:
        cv2.circle(ink, (round(ring.x), round(ring.y)), round(ring.radius) - 2, (1,), 4)
    return ink


def close(found: list[Ring], drawn: list[Ring]) -> bool:
    found = sorted(found, key=lambda ring: ring.x)
    pairs = [
        (np.array([a.x, a.y, a.radius]), np.array([b.x, b.y, b.radius])) for a, b in zip(found, drawn, strict=True)
    ]
    return all(np.abs(a - b).max() <= 2 for a, b in pairs)


def test_a_ring_is_found_and_a_frame_and_a_blot_are_none() -> None:
    ring = Ring(200, 200, 80)
    ink = ringed(ring)
    cv2.rectangle(ink, (320, 100), (470, 250), (1,), 4)
    cv2.circle(ink, (400, 400), 80, (1,), -1)
    cv2.rectangle(ink, (20, 330), (300, 480), (1,), 4)  # with a line across it
    cv2.line(ink, (20, 480), (300, 330), (1,), 4)
    assert close(find_rings(ink, DPI), [ring])


def test_rings_that_touch_each_other_are_found_one_by_one() -> None:
    rings = [Ring(200, 200, 80), Ring(300, 270, 80), Ring(420, 180, 70)]
    ink = ringed(*rings)
    cv2.line(ink, (190, 200), (330, 280), (1,), 6)  # something broad across them
    assert close(find_rings(ink, DPI), rings)


def test_an_open_arc_beside_something_is_no_ring() -> None:
    ink: Picture = np.zeros((500, 600), np.uint8)
    cv2.ellipse(ink, (250, 250), (80, 80), 0, 0, 290, (1,), 4)
    cv2.line(ink, (330, 250), (480, 250), (1,), 4)
    assert find_rings(ink, DPI) == []
