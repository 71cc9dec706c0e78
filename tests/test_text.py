from __future__ import annotations

import pytest

from extractors.text import chinese_number, label_likeness, likeness, split_numbering, squeeze


def test_spaces_and_width_do_not_matter() -> None:
    assert squeeze("２０２３ 年\u3000（一）") == "2023年(一)"
    assert likeness("结果 维持", "结果维持") == 1.0


@pytest.mark.parametrize(
    ("label", "number", "rest"),
    [
        ("1.属于国家秘密", "1", "属于国家秘密"),
        ("１、属于国家秘密", "1", "属于国家秘密"),
        ("（六）其他处理", "六", "其他处理"),
        ("①重复申请", "1", "重复申请"),
        ("重复申请", "", "重复申请"),
        ("二", "", "二"),
    ],
)
def test_numbering_is_split_off(label: str, number: str, rest: str) -> None:
    assert split_numbering(label) == (number, rest)


def test_a_typo_stays_alike_and_another_label_does_not() -> None:
    wanted = "2.其他法律行政法规禁止公开"
    assert label_likeness("2.其他法律行政止公开", wanted) > 0.75
    assert label_likeness("2、其他法律行政法规禁止公开", wanted) == 1.0
    assert label_likeness("5.属于三类内部事务信息", wanted) < 0.5


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("二〇二一", 2021),
        ("十", 10),
        ("二十一", 21),
        ("九", 9),
        ("局", None),
        ("", None),
        ("十十", None),
        ("十一二", None),
        ("一二十", None),
    ],
)
def test_chinese_numbers(text: str, number: int | None) -> None:
    assert chinese_number(text) == number
