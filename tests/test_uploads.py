from __future__ import annotations

import pytest

from web.uploads import LONGEST_NAME, clean_name, name_in


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", "report"),
        ("attachment", "report"),
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename*=UTF-8''%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ("attachment; filename=\"x.pdf\"; filename*=UTF-8''%E5%B9%B4.pdf", "年.pdf"),
        ('attachment; filename="年报.pdf"'.encode().decode("latin-1"), "年报.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
    ],
)
def test_the_name_in_a_header(disposition: str, name: str) -> None:
    assert name_in(disposition) == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (r"C:\报告\2021.pdf", "2021.pdf"),
        ("a\r\nb\0.pdf", "ab.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("  ", "report"),
        ("/", "report"),
    ],
)
def test_names_are_cleaned(given: str, name: str) -> None:
    assert clean_name(given) == name


def test_a_long_name_keeps_its_extension() -> None:
    name = clean_name("年" * 500 + ".pdf")
    assert len(name) == LONGEST_NAME and name.endswith("年.pdf")
