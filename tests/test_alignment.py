from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import integers, lists, sets

from extractors.forms.alignment import align


def test_what_is_alike_is_matched_in_order() -> None:
    alignment = align([[0.9, 0.1], [0.1, 0.9]], 2)
    assert alignment.matches == [0, 1] and alignment.by_position == set()


def test_order_wins_over_a_better_match_elsewhere() -> None:
    # 其他 stands twice in the form; the second one is below what has been matched already
    alignment = align([[0.2, 0.2, 1.0], [0.2, 1.0, 0.2], [0.2, 0.2, 1.0]], 3)
    assert alignment.matches[1:] == [1, 2]


def test_a_gap_between_sure_neighbours_is_filled_by_position_and_said() -> None:
    alignment = align([[1.0, 0, 0], [0, 0.1, 0], [0, 0, 1.0]], 3)
    assert alignment.matches == [0, 1, 2] and alignment.by_position == {1}


def test_a_full_count_anchors_no_row_whose_label_says_something_else() -> None:
    alignment = align([[1.0, 0, 0], [0, 0.1, 0], [0, 0, 1.0]], 3)
    assert alignment.by_position == {1} and not alignment.anchored


def test_nothing_alike_is_matched_with_nothing() -> None:
    assert align([[0.1, 0.2]], 2).matches == [None]
    assert align([], 3).matches == []


@given(sets(integers(0, 24)), lists(integers(0, 24), max_size=3))
def test_printed_rows_find_their_own(kept: set[int], _: list[int]) -> None:
    printed = sorted(kept)
    scores = [[1.0 if i == j else 0.2 for j in range(25)] for i in printed]
    assert align(scores, 25).matches == printed
