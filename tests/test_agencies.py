"""Which names mean the same office."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from extractors.agencies import families, find_agency, kin_of, name_of, same_agency


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("济宁市兖州区科学技术局", "兖州区科技局"),
        ("济宁市兖州区科学技术局", "济宁市兖州区科技局"),
        ("山东省济宁市人民政府", "济宁市政府"),
        ("枣庄市市中区人力资源和社会保障局", "市中区人社局"),
        ("沧州市沧县水务局", "沧县水务局"),
        ("济宁市 兖州区新兖镇人民政府", "兖州区新兖镇政府"),
        ("科技局", "科技局"),
    ],
)
def test_variants_of_a_name_are_the_same_office(one: str, other: str) -> None:
    assert same_agency(one, other)
    assert same_agency(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("济宁市兖州区科学技术局", "济宁市科学技术局"),  # the district's and the city's
        ("济宁市兖州区科学技术局", "济宁市任城区科学技术局"),
        ("兖州区水务局", "兖州区水利局"),
        ("兖州区城管局", "兖州区综合行政执法局"),
        ("区科技局", "济宁市兖州区科学技术局"),  # of which district?
        ("科技局", "济宁市兖州区科学技术局"),
        ("济宁市人民政府", "济宁市人民政府办公室"),
        ("长汀县财政局", "长江县财政局"),
    ],
)
def test_a_doubt_keeps_two_names_apart(one: str, other: str) -> None:
    assert not same_agency(one, other)
    assert not same_agency(other, one)


@pytest.mark.parametrize(
    ("name", "regions", "body"),
    [
        ("呼伦贝尔市鄂温克族自治旗人民政府", ("呼伦贝尔市", "鄂温克族自治旗"), "政府"),
        ("济宁市市场监管局", ("济宁市",), "市场监督管理局"),
        ("北京市城市管理委员会", ("北京市",), "城市管理委员会"),
        ("上海市浦东新区民政局", ("上海市", "浦东新区"), "民政局"),
        ("兖州区住房城乡建设局", ("兖州区",), "住房和城乡建设局"),
    ],
)
def test_a_name_is_taken_apart(name: str, regions: tuple[str, ...], body: str) -> None:
    found = name_of(name)
    assert (found.regions, found.body) == (regions, body)


def test_a_known_name_is_found_unless_two_could_be_meant() -> None:
    nanjing, xuzhou = "南京市鼓楼区教育局", "徐州市鼓楼区教育局"
    assert find_agency("鼓楼区教育局", [nanjing, "南京市玄武区教育局"]) == nanjing
    assert find_agency("鼓楼区教育局", [nanjing, xuzhou]) is None
    assert find_agency("鼓楼区教育局", [nanjing, "江苏省南京市鼓楼区教育局"]) == "江苏省南京市鼓楼区教育局"
    assert find_agency("徐州市 鼓楼区教育局", [nanjing, xuzhou]) == xuzhou
    assert find_agency("栖霞区教育局", [nanjing, xuzhou]) is None


@pytest.mark.parametrize("order", list(permutations(("南京市鼓楼区教育局", "徐州市鼓楼区教育局", "鼓楼区教育局"))))
def test_a_name_of_two_offices_is_neithers_whatever_comes_first(order: Sequence[str]) -> None:
    assert families(order) == {name: name for name in order}
    assert families([name for name in order if "徐州" not in name]) == {
        "南京市鼓楼区教育局": "南京市鼓楼区教育局",
        "鼓楼区教育局": "南京市鼓楼区教育局",
    }


def test_all_spellings_of_a_name_are_one_family_under_the_fullest() -> None:
    names = ["兖州区科技局", "济宁市兖州区科技局", "兖州区科学技术局", "山东省济宁市兖州区科技局", "济宁市科技局"]
    found = families(names)
    assert {found[name] for name in names[:4]} == {"山东省济宁市兖州区科技局"}
    assert found["济宁市科技局"] == "济宁市科技局"


def test_names_of_one_office_are_akin() -> None:
    one, other = "兖州区科技局", "济宁市 兖州区科学技术局"
    assert same_agency(one, other) and kin_of(one) == kin_of(other)
    assert kin_of("济宁市科技局") != kin_of(one) != kin_of("任城区科技局")
