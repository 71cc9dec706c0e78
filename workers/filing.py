"""Putting a report into the archive, and taking it out again, in the transaction that changes it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workers.agencies import agency_of, forget_name, hold_agencies, hold_for_filing, hold_names, note_name
from workers.tables import ReportRow
from workers.years import check_again, forget_checks


@dataclass(frozen=True)
class Filed:
    """Where a report was before it was changed."""

    name_id: int | None
    year: int | None


def prepare(session: Session, report_id: str, owner: str, agency: str | None) -> Filed:
    """To be called before a report gets its result, of this agency: others that file beside it are waited for."""
    hold_for_filing(session, report_id, owner, agency)
    return _filed(session, report_id)


def prepare_change(session: Session, report_id: str, owner: str) -> Filed:
    """The same where it is not known under which agency the report will be, or whether it will be at all."""
    hold_names(session, owner)
    filed = _filed(session, report_id)
    agency = agency_of(session, filed.name_id)
    hold_agencies(session, [agency] if agency else [])
    return filed


def file_report(session: Session, report_id: str, was: Filed) -> None:
    """Have a report stand in the archive where its row says by now, and its neighbours know of it."""
    owner, agency, year = session.execute(
        select(ReportRow.owner, ReportRow.agency, ReportRow.year).where(ReportRow.id == report_id)
    ).one()
    name_id, moved = None, set[int]()
    if agency:
        name, moved = note_name(session, owner, agency)
        name_id = name.id
    session.execute(update(ReportRow).where(ReportRow.id == report_id).values(name_id=name_id))
    if name_id is None or year is None:
        forget_checks(session, report_id)
    _look_again(session, {was, Filed(name_id, year)}, moved, was.name_id if was.name_id != name_id else None)


def take_out(session: Session, was: Filed) -> None:
    """A report is gone: another may stand for its year now, and its name may be on no other."""
    _look_again(session, {was}, set(), was.name_id)


def _look_again(session: Session, places: set[Filed], moved: set[int], left: int | None) -> None:
    """Check anew the years around these places, and all years of agencies whose names have `moved`."""
    years: dict[int, set[int]] = {}
    for place in places:
        agency = agency_of(session, place.name_id)
        if agency is not None and place.year is not None:
            years.setdefault(agency, set()).add(place.year)
    if left is not None:
        moved = moved | forget_name(session, left)
    for agency in sorted(moved | set(years)):
        check_again(session, agency, None if agency in moved else years[agency])


def _filed(session: Session, report_id: str) -> Filed:
    found = session.execute(select(ReportRow.name_id, ReportRow.year).where(ReportRow.id == report_id)).first()
    return Filed(*found) if found else Filed(None, None)
