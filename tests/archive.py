"""An archive of any size: rows only, as they are left when reports have been read."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import insert

from extractors.agencies import kin_of
from workers.database import Database, insert_once
from workers.grams import pairs_of
from workers.states import PageState, Stage, Status
from workers.tables import (
    AgencyNameRow,
    AgencyRow,
    Base,
    BatchFileRow,
    BatchRow,
    FailedCheckRow,
    GramRow,
    IdempotencyRow,
    PageRow,
    ReportRow,
    ResultRow,
)
from workers.words import note_words

PAGES = 7
RESULT_SHARE = 10
"""One report of so many has a result: a result is found by its key alone, and takes most of the room."""
STAND_IN = '"' + "年" * 2666 + '"'
"""In the place of a result, where nobody looks into it."""
TEXT_CHARACTERS = 4000
COMMON = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
YEARS = range(2014, 2026)
CHARACTERS = (
    "兖州任城曲阜邹微山鱼台金乡嘉祥汶上泗水梁石门云龙安宁永新长平东西南北江河海湖阳阴川原林泉清丰富昌盛和顺兴隆福寿康"
)
OFFICES = (
    "财政局", "教育局", "科学技术局", "民政局", "司法局", "交通运输局", "水务局", "农业农村局", "卫生健康局", "审计局",
    "应急管理局", "统计局", "医疗保障局", "体育局", "信访局", "城市管理局",
)  # fmt: skip
CHECKS = ("requests.balance.total", "requests.row_sum.granted", "timeliness.published", "narrative.received")
RARE = {"agency": "海洋渔业署", "year": 1999, "check": "structure.order", "status": Status.PARTIAL}
"""What the same few reports have in an archive of any size."""
RARE_REPORTS = 3
START = 1_700_000_000.0
"""When the first report came; each of the others a minute later than the one before."""
TABLES = (
    *(ReportRow, PageRow, FailedCheckRow, GramRow, IdempotencyRow),
    *(BatchRow, BatchFileRow),
)
BATCH = 10
"""Reports of each owner that came together."""
PORTION = 1000
"""Reports that are written in one transaction."""


def fill(
    database: Database, size: int, begin: int = 0, owners: Sequence[str] = ("local",), result: str = STAND_IN
) -> None:
    """Add the reports numbered `begin` to `size`, in turn to each owner; the first few of each owner are the rare.

    Each that has a result has the same `result`.
    """
    for first in range(begin, size, PORTION):
        numbers = range(first, min(size, first + PORTION))
        with database.write() as session:
            rows = [_report(n, n // len(owners), owners[n % len(owners)]) for n in numbers]
            agencies = {row["name_id"]: row for row in rows}
            insert_once(session, *(_agency(row) for row in agencies.values()))
            insert_once(session, *(_name(row) for row in agencies.values()))
            for table in TABLES:
                values = [v for n in numbers for v in _rows(table, n, n // len(owners), owners[n % len(owners)])]
                if values:
                    session.execute(insert(table), values)
            with_result = [id_of(n) for n in numbers if n % RESULT_SHARE == 0]
            if with_result:
                session.execute(insert(ResultRow), [{"report_id": id_, "result": result} for id_ in with_result])
            for n, row in zip(numbers, rows, strict=True):
                note_words(session, row["id"], row["filename"], row["title"], row["agency"], _words_of(n))


def id_of(number: int) -> str:
    """Ids look drawn at random, as they are in earnest, and are the same each time."""
    return f"{random.Random(number).getrandbits(128):032x}"


def _rows(table: type[Base], number: int, nth: int, owner: str) -> Iterator[dict[str, Any]]:
    """Rows of one report, the `nth` of its owner."""
    report, rare = id_of(number), nth < RARE_REPORTS
    if table is ReportRow:
        yield _report(number, nth, owner)
    elif table is PageRow:
        yield from _of(report, "number", range(1, PAGES + 1), state=PageState.READ, attempts=1)
    elif table is FailedCheckRow and (rare or number % 6 == 0):
        yield from _of(report, "check_id", [str(RARE["check"])] if rare else CHECKS[: 1 + number % len(CHECKS)])
    elif table is GramRow:
        row = _report(number, nth, owner)
        yield from _of(report, "gram", sorted(pairs_of(row["agency"])))
    elif table is BatchRow and nth % BATCH == 0:
        at = START + 60 * number
        yield {"id": _batch_of(nth, owner), "owner": owner, "name": f"{nth}.zip", "created_at": at, "begun_at": at}
    elif table is BatchFileRow:
        about = {"batch_id": _batch_of(nth, owner), "number": nth % BATCH + 1, "report_id": report}
        yield {**about, "name": _report(number, nth, owner)["filename"]}
    elif table is IdempotencyRow and number % 3 == 0:
        yield {"owner": owner, "key": f"key-{number}", "report_id": report}


def _words_of(number: int) -> str:
    """A little text for most, as long as that of real reports for one in RESULT_SHARE."""
    dice = random.Random(number)
    length = TEXT_CHARACTERS if number % RESULT_SHARE == 0 else TEXT_CHARACTERS // 40
    return "".join(dice.choice(COMMON) for _ in range(length))


def _batch_of(nth: int, owner: str) -> str:
    return f"{owner}-{nth // BATCH}"


def _of(report: str, name: str, values: Iterable[object], **others: object) -> Iterator[dict[str, Any]]:
    return ({"report_id": report, name: value, **others} for value in values)


def _report(number: int, nth: int, owner: str) -> dict[str, Any]:
    rare = nth < RARE_REPORTS
    dice = random.Random(number)
    agency = (
        RARE["agency"]
        if rare
        else f"{''.join(dice.sample(CHARACTERS, 2))}{dice.choice('区县市')}{dice.choice(OFFICES)}"
    )
    year = RARE["year"] if rare else dice.choice(YEARS)
    at = START + 60 * number
    return {
        "id": id_of(number),
        "owner": owner,
        "sha256": f"{number:064x}",
        "filename": f"{agency}{year}年年报.pdf",
        "size": 400_000,
        "media_type": "application/pdf",
        "stage": Stage.DONE,
        "status": RARE["status"] if rare else dice.choices((Status.SUCCEEDED, Status.FAILED), (97, 3))[0],
        "created_at": at,
        "started_at": at + 1,
        "finished_at": at + 9,
        "document": '{"page_sizes":[' + ",".join(["[595.3,841.9]"] * PAGES) + "]}",
        "pages_total": PAGES,
        "title": f"{agency}{year}年政府信息公开工作年度报告",
        "agency": agency,
        "year": year,
        "form": "2021",
        "validation_status": dice.choices(("passed", "needs_review", "failed"), (70, 20, 10))[0],
        "review_count": 0,
        "attempts": 0,
        "sent_at": at,
        "name_id": zlib.crc32(f"{owner} {agency}".encode()) >> 1,
    }


def _agency(report: dict[str, Any]) -> AgencyRow:
    """Of one name; names drawn at random are hardly ever akin."""
    return AgencyRow(id=report["name_id"], owner=report["owner"], name=report["agency"])


def _name(report: dict[str, Any]) -> AgencyNameRow:
    id_, name = report["name_id"], report["agency"]
    return AgencyNameRow(id=id_, owner=report["owner"], name=name, bare=name, kin=kin_of(name), agency_id=id_)
