"""Whether the report was published in time: 《政府信息公开条例》第四十九条."""

from __future__ import annotations

import datetime as dt
import re

from extractors.report import Check, Outcome

TOWN = re.compile(r"(镇|乡|街道|苏木)(人民政府|政府|办事处|办公室|党政办公室)?$")
GOVERNMENT = re.compile(r"(省|自治区|市|区|县|旗|州|盟|新区|兵团)(人民政府|政府|行政公署)$")


def check_timeliness(agency: str | None, year: int | None, published_on: dt.date | None) -> Check:
    """`timeliness.published`: departments by 31 January, governments at county level and above by 31 March."""
    due = deadline(agency, year)
    status: Outcome
    if due is None or published_on is None:
        status, message = "unknown", "没有发布日期，或该机关的公布期限未作规定，无法判断。"
    elif published_on <= due:
        status, message = "pass", f"{published_on} 发布，未超过 {due} 的期限。"
    else:
        status, message = "fail", f"{published_on} 发布，晚于 {due} 的期限。"
    return Check(
        id="timeliness.published",
        status=status,
        severity="warning",
        message=message,
        expected=due.isoformat() if due else None,
        actual=published_on.isoformat() if published_on else None,
        cells=[],
        cause="source" if status == "fail" else None,
    )


def deadline(agency: str | None, year: int | None) -> dt.date | None:
    """The last day for the report of `year`; None for towns and subdistricts, which the article does not name."""
    if not agency or year is None or TOWN.search(agency):
        return None
    if GOVERNMENT.search(agency):
        return dt.date(year + 1, 3, 31)
    return dt.date(year + 1, 1, 31)
