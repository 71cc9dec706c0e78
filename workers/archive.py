"""What is asked of the archive: agencies, their names, and their reports year beside year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, intersect, or_, select
from sqlalchemy.orm import Session

from extractors.agencies import kin_of, name_of
from extractors.checks.cross_year import YearCheck
from extractors.report import TABLES, Result, Value
from extractors.text import bare
from workers.agencies import cut, find_name, hold_names, means_the_same, regroup
from workers.audit import LOCAL, Action, Origin, note
from workers.database import Database
from workers.tables import AgencyNameRow, AgencyRow, ReportRow, ResultRow
from workers.views import moment
from workers.years import check_again, checks_against, reports_of, result_of


class UnknownAgency(Exception):
    """No report is of an agency of this name, or it could be one of several."""


class SeveralOwners(Exception):
    """More than one owner has an agency of this name; `owners` has all of them."""

    def __init__(self, owners: Sequence[str]) -> None:
        super().__init__(", ".join(owners))
        self.owners = list(owners)


class NothingToSeparate(Exception):
    """The agency has no other name."""


class Kind(StrEnum):
    """How a name has come to its agency."""

    FULLEST = "fullest"
    RECOGNISED = "recognised"
    JOINED = "joined"


@dataclass(frozen=True)
class NameView:
    name: str
    kind: Kind


@dataclass(frozen=True)
class YearView:
    """The report that counts for a year; `status` is the outcome of its checks."""

    year: int
    report_id: str
    status: str | None
    others: list[str]
    """Ids of reports of the same year that do not count, the newest first."""


@dataclass(frozen=True)
class AgencyView:
    name: str
    owner: str
    names: list[NameView]
    years: list[YearView]

    @property
    def key(self) -> str:
        """The name as it stands in addresses."""
        return bare(self.name)


@dataclass(frozen=True)
class AgencyPage:
    items: list[AgencyView]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class YearsView:
    """An agency's figures by path, a value for each of its years, and the checks from each year to the next."""

    agency: AgencyView
    series: dict[str, list[Value]]
    checks: list[YearCheck]
    failed: list[int]
    """Of each year: how many of the report's own checks failed."""


@dataclass(frozen=True)
class Neighbours:
    """What stands around a report: its agency, the reports of the same year, and the checks against the year before."""

    agency: AgencyView
    same_year: list[tuple[str, dt.datetime]]
    """(id, when it came), the one that counts first."""
    checks: list[YearCheck]
    report_ids: dict[int, str]
    """The report that counts for each year."""


class Archive:
    """The archive in a database. An `owner` of None is an admin, who sees all agencies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agencies(
        self, q: str | None = None, page: int = 1, per_page: int = 20, owner: str | None = "local"
    ) -> AgencyPage:
        """Agencies that have reports and a name with each of some words, or with what these are short for, by name."""
        named = select(AgencyNameRow.id).where(AgencyNameRow.agency_id == AgencyRow.id)
        wanted: list[ColumnElement[bool]] = [named.where(ReportRow.name_id == AgencyNameRow.id).exists()]
        names = select(AgencyNameRow.agency_id)
        if owner is not None:
            wanted.append(AgencyRow.owner == owner)
            names = names.where(AgencyNameRow.owner == owner)
        if words := (q or "").split():
            # an EXISTS for each would be a join for each, over whose order PostgreSQL thinks for minutes
            wanted.append(AgencyRow.id.in_(intersect(*(names.where(_like(word)) for word in words))))
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(AgencyRow).where(*wanted)) or 0
            by_name = select(AgencyRow).where(*wanted).order_by(AgencyRow.name, AgencyRow.id)
            rows = session.scalars(by_name.offset((page - 1) * per_page).limit(per_page)).all()
            return AgencyPage(_views(session, rows), total, page, per_page)

    def agency(self, name: str, owner: str | None = "local") -> AgencyView:
        """The agency that a name means; raises UnknownAgency, SeveralOwners."""
        with self._database.read() as session:
            return _views(session, [_find(session, name, owner)])[0]

    def years(self, name: str, owner: str | None = "local") -> YearsView:
        """Its reports year beside year; raises UnknownAgency, SeveralOwners."""
        with self._database.read() as session:
            (view,) = _views(session, [_find(session, name, owner)])
            results = [result_of(session, year.report_id) for year in view.years]
            checks = [check for year in view.years for check in checks_against(session, year.report_id)]
            failed = [sum(check.status == "fail" for check in result.validation.checks) for result in results]
            return YearsView(view, _series(results), checks, failed)

    def around(self, report_id: str) -> Neighbours | None:
        """What stands around a report; None while its agency or year is unknown, and for one that has just gone."""
        with self._database.read() as session:
            report = session.get(ReportRow, report_id)
            name = report and report.name_id and session.get(AgencyNameRow, report.name_id)
            if not report or not name or report.year is None:
                return None
            (view,) = _views(session, [session.get_one(AgencyRow, name.agency_id)])
            same = [id_ for year, id_ in reports_of(session, name.agency_id, [report.year])][::-1]
            came = {
                id_: moment(at)
                for id_, at in session.execute(select(ReportRow.id, ReportRow.created_at).where(ReportRow.id.in_(same)))
            }
            return Neighbours(
                agency=view,
                same_year=[(id_, came[id_]) for id_ in same],
                checks=checks_against(session, report_id),
                report_ids={year.year: year.report_id for year in view.years},
            )

    def join(self, name: str, other: str, owner: str | None = "local", origin: Origin = LOCAL) -> AgencyView:
        """Say that another name means the same agency; raises UnknownAgency, which names it, and SeveralOwners."""
        with self._database.write() as session:
            target = self._held(session, name, owner)
            joined = _find(session, other, target.owner)
            if joined.id != target.id:
                full, own = _fullest(session, joined), _fullest(session, target)
                full.under = own.bare
                self._regroup(session, target.owner, {full.kin, own.kin})
                note(session, origin, Action.JOINING, None, {"agency": own.name, "name": full.name})
            return _views(session, [_find(session, target.name, target.owner)])[0]

    def separate(self, name: str, other: str, owner: str | None = "local", origin: Origin = LOCAL) -> AgencyView:
        """Take back that a name means this agency, whether a person has said so or it was recognised.

        Gives the agency that the name means from then on. Raises UnknownAgency, SeveralOwners, NothingToSeparate.
        """
        with self._database.write() as session:
            agency = self._held(session, name, owner)
            row = find_name(session, agency.owner, other)
            if row is None or row.agency_id != agency.id:
                raise UnknownAgency(other)
            mine = select(AgencyNameRow).where(AgencyNameRow.agency_id == agency.id, AgencyNameRow.id != row.id)
            others = session.scalars(mine).all()
            if not others:
                raise NothingToSeparate(other)
            kins = {row.kin, *(one.kin for one in others)}
            said = [one for one in others if one.under == row.bare]
            if row.under is not None or said:
                row.under = None
                for one in said:
                    one.under = None
                self._regroup(session, agency.owner, kins)
            if {row.agency_id} == {one.agency_id for one in others}:  # nobody had said so: it was recognised
                row.under = row.bare
                self._regroup(session, agency.owner, kins)
            note(session, origin, Action.SEPARATION, None, {"agency": agency.name, "name": row.name})
            return _views(session, [session.get_one(AgencyRow, row.agency_id)])[0]

    def _held(self, session: Session, name: str, owner: str | None) -> AgencyRow:
        """The agency, after what its owner's names mean can be changed by nobody else."""
        hold_names(session, _find(session, name, owner).owner)
        session.expire_all()
        return _find(session, name, owner)

    def _regroup(self, session: Session, owner: str, kins: Collection[str]) -> None:
        session.flush()
        for agency_id in sorted(regroup(session, owner, kins)):
            check_again(session, agency_id)


def _like(word: str) -> ColumnElement[bool]:
    """Whether a name has this word in it, or the full form of it, or means the same office as it."""
    parts, full = [cut(bare(word))], name_of(word)
    if not full.regions:
        parts.append(cut(full.body))
    has = [AgencyNameRow.bare.contains(part, autoescape=True) for part in parts]
    return or_(*has, AgencyNameRow.kin == cut(kin_of(word)))


def _find(session: Session, name: str, owner: str | None) -> AgencyRow:
    found = means_the_same(session, owner, name)
    owners = sorted({row.owner for row in found})
    if not found:
        raise UnknownAgency(name)
    if len(owners) > 1:
        raise SeveralOwners(owners)
    return session.get_one(AgencyRow, found[0].agency_id)


def _fullest(session: Session, agency: AgencyRow) -> AgencyNameRow:
    row = find_name(session, agency.owner, agency.name)
    assert row is not None, "an agency is called by one of its names"
    return row


def _views(session: Session, agencies: Sequence[AgencyRow]) -> list[AgencyView]:
    """Views of several agencies, with one question for their names and one for their reports."""
    ids = [agency.id for agency in agencies]
    names: dict[int, list[AgencyNameRow]] = {id_: [] for id_ in ids}
    of_these = AgencyNameRow.agency_id.in_(ids)
    for row in session.scalars(select(AgencyNameRow).where(of_these).order_by(AgencyNameRow.name)):
        names[row.agency_id].append(row)
    reports: dict[int, dict[int, list[tuple[str, str | None]]]] = {id_: {} for id_ in ids}
    newest_first = (
        select(AgencyNameRow.agency_id, ReportRow.year, ReportRow.id, ReportRow.validation_status)
        .join(ReportRow, ReportRow.name_id == AgencyNameRow.id)
        .join(ResultRow, ResultRow.report_id == ReportRow.id)
        .where(of_these, ReportRow.year.is_not(None))
        .order_by(ReportRow.year, ReportRow.created_at.desc(), ReportRow.id.desc())
    )
    for agency_id, year, report_id, status in session.execute(newest_first):
        assert year is not None
        reports[agency_id].setdefault(year, []).append((report_id, status))
    return [
        AgencyView(
            name=agency.name,
            owner=agency.owner,
            names=[NameView(row.name, _kind(row, agency)) for row in names[agency.id]],
            years=[
                YearView(year, found[0][0], found[0][1], [report_id for report_id, _ in found[1:]])
                for year, found in reports[agency.id].items()
            ],
        )
        for agency in agencies
    ]


def _kind(row: AgencyNameRow, agency: AgencyRow) -> Kind:
    if row.bare == bare(agency.name):
        return Kind.FULLEST
    return Kind.JOINED if row.under not in (None, row.bare) else Kind.RECOGNISED


def _series(results: Sequence[Result]) -> dict[str, list[Value]]:
    """Path → its value in each result; None where a result does not have it."""
    series: dict[str, list[Value]] = {}
    for index, result in enumerate(results):
        for table in TABLES:
            for row, columns in (getattr(result.report.tables, table) or {}).items():
                for column, value in columns.items():
                    path = f"{table}.{row}.{column}"
                    series.setdefault(path, [None] * len(results))[index] = value
    return series
