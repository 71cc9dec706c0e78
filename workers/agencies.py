"""The agencies of each owner, and the names under which they are known.

What the names themselves say (`extractors.agencies`) depends on which names there are, not on which came first: when
a name comes or goes, the names akin to it are grouped anew. What persons have said of a name is laid over that.

Whoever changes what a name means holds all names of its owner; whoever files a report under a name that stays what
it is holds its agency alone. Both come before any report is touched, so that nobody waits for another in a circle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from extractors.agencies import families, kin_of
from extractors.text import bare
from workers.database import hold
from workers.tables import AgencyNameRow, AgencyRow, ReportRow


def hold_names(session: Session, owner: str) -> None:
    """Be the only one who changes what this owner's names mean, until the transaction ends."""
    hold(session, hashlib.sha256(f"agencies of {owner}".encode()).hexdigest())


def hold_agencies(session: Session, agency_ids: Iterable[int]) -> None:
    """Be the only one who files reports under these; of more than one only after `hold_names`."""
    session.execute(select(AgencyRow.id).where(AgencyRow.id.in_(sorted(agency_ids))).with_for_update())


def hold_for_filing(session: Session, report_id: str, owner: str, name: str | None) -> None:
    """Hold what must be held to file a report under a name, or under none."""
    while True:
        filed = session.scalar(select(ReportRow.name_id).where(ReportRow.id == report_id))
        known = find_name(session, owner, name) if name else None
        if known is None or filed not in (None, known.id):
            break
        place = session.begin_nested()
        hold_agencies(session, [known.agency_id])
        if agency_of(session, known.id) == known.agency_id:
            place.commit()
            return
        place.rollback()  # while this waited, the name has come to mean another: lets go of the one held
        session.expire_all()
    hold_names(session, owner)
    filed = session.scalar(select(ReportRow.name_id).where(ReportRow.id == report_id))
    known = find_name(session, owner, name) if name else None
    concerned = {agency_of(session, filed), known.agency_id if known else None}
    hold_agencies(session, {agency_id for agency_id in concerned if agency_id is not None})


def find_name(session: Session, owner: str, name: str) -> AgencyNameRow | None:
    """The row of a name, however it is spaced and punctuated."""
    return session.scalar(
        select(AgencyNameRow)
        .where(AgencyNameRow.owner == owner, AgencyNameRow.bare == cut(bare(name)))
        .execution_options(populate_existing=True)
    )


def agency_of(session: Session, name_id: int | None) -> int | None:
    """None for no name, or one that is gone."""
    if name_id is None:
        return None
    return session.scalar(select(AgencyNameRow.agency_id).where(AgencyNameRow.id == name_id))


def note_name(session: Session, owner: str, name: str) -> tuple[AgencyNameRow, set[int]]:
    """The row of a name, made where there is none, and the agencies whose names have changed by that."""
    known = find_name(session, owner, name)
    if known is not None:
        return known, set()
    row = AgencyNameRow(owner=owner, name=cut(name), bare=cut(bare(name)), kin=cut(kin_of(name)))
    changed = regroup(session, owner, {row.kin}, [row])
    return row, changed


def forget_name(session: Session, name_id: int) -> set[int]:
    """Drop a name that no report has any more and of which no person has said anything; gives what that changed."""
    row = session.get(AgencyNameRow, name_id)
    if row is None or row.under is not None:
        return set()
    on_reports = select(ReportRow.id).where(ReportRow.name_id == name_id)
    said = select(AgencyNameRow.id).where(AgencyNameRow.owner == row.owner, AgencyNameRow.under == row.bare)
    if session.scalar(on_reports.limit(1)) or session.scalar(said.limit(1)):
        return set()
    hold_agencies(session, [row.agency_id])
    session.delete(row)
    session.flush()
    changed = regroup(session, row.owner, {row.kin})
    rest = session.scalar(select(func.count()).where(AgencyNameRow.agency_id == row.agency_id))
    if not rest:
        session.execute(delete(AgencyRow).where(AgencyRow.id == row.agency_id))
    return changed - ({row.agency_id} if not rest else set())


def regroup(session: Session, owner: str, kins: Collection[str], new: Sequence[AgencyNameRow] = ()) -> set[int]:
    """Say anew which agency each name of these kins means; gives the agencies that have gained or lost a name."""
    rows = _connected(session, owner, set(kins), new)
    before = {row.bare: row.agency_id for row in rows if row not in new}
    hold_agencies(session, set(before.values()))
    taken: set[int] = set()
    changed: set[int] = set()
    for full, members in _offices(rows):
        own = [full.agency_id, *sorted({row.agency_id for row in members if row.agency_id})]
        agency_id = next((id_ for id_ in own if id_ and id_ not in taken), None)
        agency = session.get(AgencyRow, agency_id) if agency_id else None
        if agency is None:
            agency = AgencyRow(owner=owner, name=full.name)
            session.add(agency)
            session.flush()
        agency.name = full.name
        taken.add(agency.id)
        for row in members:
            if row.agency_id != agency.id:
                changed |= {agency.id} | ({row.agency_id} if row.agency_id else set())
                row.agency_id = agency.id
    session.add_all(new)
    session.flush()
    empty = set(before.values()) - taken
    session.execute(delete(AgencyRow).where(AgencyRow.id.in_(empty)))
    return changed - empty


def _offices(rows: Sequence[AgencyNameRow]) -> list[tuple[AgencyNameRow, list[AgencyNameRow]]]:
    """The fullest name of each office, and all its names."""
    by_bare = {row.bare: row for row in rows}
    leader: dict[str, str] = {}
    for kin in {row.kin for row in rows}:
        leader |= families([row.bare for row in rows if row.kin == kin and row.under != row.bare])
    leader |= {row.bare: row.bare for row in rows if row.under == row.bare}

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for row in sorted(rows, key=lambda row: row.bare):
        if row.under in by_bare and lead(row.bare) != lead(row.under or ""):
            leader[lead(row.bare)] = lead(row.under or "")
    offices: dict[str, list[AgencyNameRow]] = {}
    for row in rows:
        offices.setdefault(lead(row.bare), []).append(row)
    return [(by_bare[full], members) for full, members in sorted(offices.items())]


def _connected(session: Session, owner: str, kins: set[str], new: Sequence[AgencyNameRow]) -> list[AgencyNameRow]:
    """All names of these kins, and of those that persons have joined with any of them."""
    while True:
        mine = select(AgencyNameRow).where(AgencyNameRow.owner == owner)
        rows = [*session.scalars(mine.where(AgencyNameRow.kin.in_(kins)).order_by(AgencyNameRow.id)), *new]
        under = AgencyNameRow.under.in_([row.bare for row in rows])
        above = AgencyNameRow.bare.in_([row.under for row in rows if row.under])
        further = {row.kin for joined in (under, above) for row in session.scalars(mine.where(joined))} - kins
        if not further:
            return rows
        kins |= further


def means_the_same(session: Session, owner: str | None, name: str) -> list[AgencyNameRow]:
    """Names on reports that mean the same office as one that may stand on none; of all owners for None."""
    akin = select(AgencyNameRow).where(AgencyNameRow.kin == cut(kin_of(name)))
    exact = select(AgencyNameRow).where(AgencyNameRow.bare == cut(bare(name)))
    if owner is not None:
        akin, exact = (wanted.where(AgencyNameRow.owner == owner) for wanted in (akin, exact))
    found = list(session.scalars(exact))
    owners = {row.owner for row in found}
    rows = [row for row in session.scalars(akin) if row.owner not in owners and row.under != row.bare]
    for other in sorted({row.owner for row in rows}):
        theirs = [row for row in rows if row.owner == other]
        groups = families([*(row.bare for row in theirs), bare(name)])
        found += [row for row in theirs if groups[row.bare] == groups[bare(name)]][:1]
    return found


def cut(text: str) -> str:
    """As much as the columns hold, without NUL, which PostgreSQL does not take."""
    return text.replace("\0", "")[:200]
