"""Names of agencies: which two names mean the same office. Conservative: a doubt keeps them apart."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz.distance import Levenshtein

from extractors.text import bare

STEPS = (
    re.compile(r"[一-龥]{2,12}?自治[区州县旗]"),
    re.compile(r"[一-龥]{2,6}?(?:省|市|地区|盟|新区|区|旗)"),
    re.compile(r"[一-龥]{1,6}?县"),
    re.compile(r"[一-龥]{1,6}?(?:镇|乡|街道|苏木)(?=人民政府|政府|办事处|党政)"),
)
"""One step of the way from the province down, as 济宁市, 兖州区, 沧县 or 新兖镇."""
SHORTEST_NAME = 5
MISREAD = 2
"""Characters: of a name long enough to be known in spite of as many misread ones."""
SAME_WORDS = (("人民政府", "政府"), ("委员会办公室", "办公室"))


@dataclass(frozen=True)
class AgencyName:
    """A name taken apart: where the office is, from the largest region down, and what it is."""

    regions: tuple[str, ...]
    body: str

    def is_within(self, other: AgencyName) -> bool:
        """Whether it is the same office as `other`, named with fewer regions or as many."""
        kept = len(self.regions)
        return self.body == other.body and 0 < kept <= len(other.regions) and other.regions[-kept:] == self.regions


def same_agency(one: str, other: str) -> bool:
    """Whether two names differ in spelling, short forms or the regions above only."""
    if bare(one) == bare(other):
        return True
    a, b = name_of(one), name_of(other)
    return a.is_within(b) or b.is_within(a)


def misread_as(one: str, other: str) -> bool:
    """Whether two names are one but for a character or two, as 长汀县财政局 and 长江县财政局; the longer may begin with
    regions that the shorter leaves out."""
    if same_agency(one, other):
        return False
    shorter, longer = sorted((bare(one), bare(other)), key=len)
    if len(shorter) < SHORTEST_NAME:
        return False
    # of names without the regions above, one may have lost a character, or as many may be others
    ends = (longer[-len(shorter) - more :] for more in (0, 1))
    return any(Levenshtein.distance(shorter, end) <= MISREAD - more for more, end in enumerate(ends))


def find_agency(name: str, known: Collection[str]) -> str | None:
    """That one of the `known` names which is the same office; None for none, and where more than one could be meant.

    鼓楼区教育局 alone may be that of 南京市 or of 徐州市.
    """
    same = [other for other in known if same_agency(name, other)]
    exact = [other for other in same if bare(other) == bare(name)]
    if exact:
        return exact[0]
    alike = all(same_agency(one, other) for one in same for other in same)
    return max(same, key=len) if same and alike else None


def families(names: Collection[str]) -> dict[str, str]:
    """Each of some names, and the fullest one of the office that it means; the order of the names tells nothing.

    A name that more than one office could be meant by is an office of its own, until somebody says otherwise.
    """
    taken = {name: name_of(name) for name in names}
    fullest = [
        name
        for name, own in taken.items()
        if not any(own.is_within(other) and not other.is_within(own) for other in taken.values())
    ]
    above = {name: [full for full in fullest if _means(name, full)] for name in names}
    found = {}
    for name, fulls in above.items():
        alike = len({taken[full] for full in fulls}) == 1
        same = fulls if alike else [other for other in names if taken[other] == taken[name] and _means(name, other)]
        found[name] = max(same, key=lambda full: (len(full), full))
    return found


def kin_of(name: str) -> str:
    """What all names have in common that can mean the same office: the smallest region, and what the office is."""
    own = name_of(name)
    return f"{own.regions[-1]}/{own.body}" if own.regions else bare(name)


def name_of(name: str) -> AgencyName:
    """Regions and body of a name, the body in its full form."""
    rest, regions = bare(name), []
    while step := _next_step(rest):
        regions.append(step)
        rest = rest.removeprefix(step)
    for long, short in SAME_WORDS:
        rest = rest.replace(long, short)
    return AgencyName(tuple(regions), _full_names().get(rest, rest))


def _means(name: str, full: str) -> bool:
    return bare(name) == bare(full) or name_of(name).is_within(name_of(full))


def _next_step(name: str) -> str | None:
    """The region that a name begins with, the smallest piece of it that reads as one, if an office is left of it."""
    found = [match.group() for match in (step.match(name) for step in STEPS) if match]
    steps = [step for step in found if step != name]
    return min(steps, key=len, default=None)


@cache
def _full_names() -> Mapping[str, str]:
    data = tomllib.loads(files("extractors").joinpath("agencies.toml").read_text("utf-8"))
    return {short: full for full, shorts in data["short_names"].items() for short in shorts}
