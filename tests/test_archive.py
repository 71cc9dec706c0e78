"""Agencies, years side by side, and the checks between them, as reports come, change and go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from itertools import permutations

import pytest
from sqlalchemy import func, select

from extractors.pipeline import extract
from extractors.report import Result
from tests.bench import Bench
from tests.making.pdf import render
from tests.years import carry_over, draw_years
from workers.archive import Kind, NothingToSeparate, UnknownAgency
from workers.audit import Action
from workers.decisions import Change
from workers.tables import AgencyNameRow, AgencyRow, FailedCheckRow, YearChecksRow

AGENCY = "云溪市临江区财政局"
YEARS = (2021, 2022, 2023)
CARRIED = "cross_year.carry_over.natural_person"
FAILING = [CARRIED, "cross_year.carry_over.total"]
"""What fails when a report that agrees with itself has one figure other than the year before: its total is, too."""
OVER = "requests.carried_over.natural_person"
TOTAL = "requests.carried_over.total"
FORWARD = "requests.carried_forward.natural_person"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Three years that agree, by year; and `wrong`, of the last, with one carried-over figure changed."""
    folder = tmp_path_factory.mktemp("years")

    def read(name: str, content: bytes) -> Result:
        path = folder / f"{name}.pdf"
        path.write_bytes(content)
        return extract(path)

    records = draw_years(AGENCY, YEARS)
    found = {f"{record.year}": read(f"{record.year}", render(record)) for record in records}
    over = records[-1].tables["requests"]["carried_over"]
    was = over["natural_person"] or 0
    carry_over(records[-1], "natural_person", int(was) + 1)
    return found | {"wrong": read("wrong", render(records[-1]))}


class Office:
    """A bench whose engine gives results made before: `send` a report of a year, under any name."""

    def __init__(self, bench: Bench, results: dict[str, Result]) -> None:
        self.bench, self.reports, self.archive = bench, bench.reports, bench.reports.archive
        self._results = results
        self._given: dict[str, Result] = {}
        bench.reader.assemble = lambda path, document, *_: self._given[document.filename]  # type: ignore[method-assign]

    def send(self, which: str, agency: str | None = AGENCY, year: int | None = None, owner: str = "local") -> str:
        report_id = self.queue(which, agency, year, owner)
        self.bench.deliver_all()
        return report_id

    def queue(self, which: str, agency: str | None = AGENCY, year: int | None = None, owner: str = "local") -> str:
        name = f"{len(self._given)}.pdf"
        self.answer(name, which, agency, year)
        return self.bench.submit(f"%PDF-1.7 {name}".encode(), name, owner).id

    def answer(self, name: str, which: str, agency: str | None = AGENCY, year: int | None = None) -> None:
        """Have the engine read this in the file of this name."""
        self._given[name] = self._results[which].model_copy(deep=True)
        report = self._given[name].report
        report.agency, report.year = agency, year or report.year

    def failed(self, report_id: str) -> list[str]:
        return [check for check in self.reports.get(report_id).failed_checks if check.startswith("cross_year.")]

    def between(self, report_id: str) -> set[str]:
        """Ids of the checks between years in a report's own result."""
        checks = Result.model_validate_json(self.reports.result(report_id)).validation.checks
        return {check.id for check in checks if check.id.startswith("cross_year.")}

    def count(self, row: type[AgencyRow] | type[AgencyNameRow] | type[YearChecksRow]) -> int:
        with self.bench.database.read() as session:
            return session.scalar(select(func.count()).select_from(row)) or 0

    def groups(self) -> set[frozenset[str]]:
        return {frozenset(name.name for name in agency.names) for agency in self.archive.agencies(per_page=100).items}


@pytest.fixture
def office(bench: Bench, results: dict[str, Result]) -> Office:
    return Office(bench, results)


def test_years_that_agree_are_checked_and_pass(office: Office) -> None:
    ids = [office.send(f"{year}") for year in YEARS]
    seen = office.archive.years(AGENCY)
    assert [(year.year, year.report_id, year.status) for year in seen.agency.years] == [
        (year, report_id, "passed") for year, report_id in zip(YEARS, ids, strict=True)
    ]
    assert {check.years for check in seen.checks} == {(2021, 2022), (2022, 2023)}
    assert len([check for check in seen.checks if ".carry_over." in check.id]) == 14
    assert {check.status for check in seen.checks} == {"pass"}
    assert [office.failed(report_id) for report_id in ids] == [[], [], []]
    tables = [Result.model_validate_json(office.reports.result(id_)).report.tables.requests or {} for id_ in ids]
    assert seen.series[OVER] == [table["carried_over"]["natural_person"] for table in tables]
    assert office.between(ids[0]) == set() and CARRIED in office.between(ids[1])


@pytest.mark.parametrize("order", list(permutations(("2021", "2022", "wrong"))))
def test_in_whatever_order_they_come_exactly_the_changed_figure_fails(office: Office, order: Sequence[str]) -> None:
    ids = {which: office.send(which) for which in order}
    failing = [check for check in office.archive.years(AGENCY).checks if check.status == "fail"]
    assert [check.id for check in failing] == FAILING
    check = failing[0]
    assert (check.years, check.cause) == ((2022, 2023), "source")
    assert [(place.year, place.path) for place in check.places] == [(2022, FORWARD), (2023, OVER)]
    assert all(place.page and place.box for place in check.places)
    assert {which: office.failed(id_) for which, id_ in ids.items()} == {"2021": [], "2022": [], "wrong": FAILING}
    assert [view.id for view in office.reports.search(failed_check=CARRIED).items] == [ids["wrong"]]
    assert [view.id for view in office.reports.search(status="failed").items] == []  # a state of the reading
    assert office.reports.get(ids["wrong"]).validation_status == "failed"
    validation = Result.model_validate_json(office.reports.result(ids["wrong"])).validation
    assert validation.status == "failed"
    assert [check.id for check in validation.checks if check.status == "fail"] == FAILING


def test_a_correction_is_checked_against_the_years_on_both_sides(office: Office, results: dict[str, Result]) -> None:
    ids = [office.send(which) for which in ("2021", "2022", "wrong")]
    requests = results["wrong"].report.tables.requests
    assert requests is not None
    said = requests["carried_over"]["natural_person"]
    decided = office.reports.decide(ids[1], [Change(FORWARD, said)])
    assert office.failed(ids[2]) == FAILING[1:]
    assert CARRIED in {check.id for check in decided.validation.checks}
    office.reports.decide(ids[1], [Change(FORWARD, int(said or 0) - 1)])
    assert office.failed(ids[2]) == FAILING
    total = requests["carried_over"]["total"]
    office.reports.decide(ids[2], [Change(OVER, int(said or 0) - 1), Change(TOTAL, int(total or 0) - 1)])
    assert office.failed(ids[2]) == []
    assert all(check.startswith("requests.") for check in office.reports.get(ids[2]).failed_checks)


def test_the_newest_of_a_year_counts_and_gives_way_when_it_is_deleted(office: Office) -> None:
    before, old = office.send("2022"), office.send("2023")
    new = office.send("wrong")
    assert office.failed(new) == FAILING and office.between(old) == set()
    (_, year) = office.archive.agency(AGENCY).years
    assert (year.report_id, year.others) == (new, [old])
    around = office.archive.around(old)
    assert around is not None and [id_ for id_, _ in around.same_year] == [new, old]
    office.reports.delete(new)
    assert CARRIED in office.between(old) and office.failed(old) == []
    office.reports.delete(before)
    assert office.between(old) == set() and office.count(YearChecksRow) == 0
    office.reports.delete(old)
    assert (office.count(AgencyRow), office.count(AgencyNameRow)) == (0, 0)
    with pytest.raises(UnknownAgency):
        office.archive.agency(AGENCY)


def test_a_report_that_is_read_again_counts_with_its_old_result_until_there_is_another(
    office: Office, results: dict[str, Result]
) -> None:
    ids = [office.send(which) for which in ("2021", "2022", "wrong")]
    name = office.reports.get(ids[2]).filename
    for again, failing in (("2023", []), ("wrong", FAILING)):
        before = office.failed(ids[2])
        office.reports.reread(ids[2])
        assert office.failed(ids[2]) == before and office.count(YearChecksRow) == 2
        office.answer(name, again)
        office.bench.deliver_all()
        assert office.failed(ids[2]) == failing and office.count(YearChecksRow) == 2
        assert office.reports.get(ids[2]).validation_status == ("failed" if failing else "passed")


def test_a_person_moves_a_report_to_its_year_and_agency(office: Office) -> None:
    first, lost = office.send("2022"), office.send("wrong", agency="无名局", year=2031)
    assert office.between(lost) == set()
    office.reports.decide(lost, [Change("agency", "临江区财政局"), Change("year", 2023)])
    assert office.failed(lost) == FAILING
    assert office.groups() == {frozenset({AGENCY, "临江区财政局"})}
    office.reports.decide(lost, [Change("year", 2022)])
    assert office.failed(lost) == [] and office.between(lost) == set()
    assert [year.report_id for year in office.archive.agency(AGENCY).years] == [lost]
    office.reports.decide(lost, [Change("agency", None)])
    assert [year.report_id for year in office.archive.agency(AGENCY).years] == [first]
    assert office.archive.around(lost) is None and office.groups() == {frozenset({AGENCY})}
    office.bench.reports.delete(lost)
    assert office.archive.around(lost) is None  # as for a page that is asked for at that moment


NAMES = ("南京市鼓楼区教育局", "徐州市鼓楼区教育局", "鼓楼区教育局", "江苏省南京市鼓楼区教育局", "鼓楼区教育 局")


@pytest.mark.parametrize("order", [NAMES, NAMES[::-1], (NAMES[2], NAMES[0], NAMES[3], NAMES[1], NAMES[4])])
def test_a_name_that_two_offices_bear_is_neithers_in_whatever_order_they_come(
    office: Office, order: Sequence[str]
) -> None:
    ids = {name: office.send("2022", name) for name in order}
    short = frozenset({next(name for name in order if name.startswith("鼓"))})
    assert office.groups() == {frozenset({NAMES[0], NAMES[3]}), frozenset({NAMES[1]}), short}
    assert office.archive.agency(NAMES[0]).name == NAMES[3]
    office.reports.delete(ids[NAMES[1]])
    assert office.groups() == {frozenset({NAMES[0], NAMES[3]}) | short}


def test_variants_are_found_that_stand_on_no_report(office: Office) -> None:
    office.send("2022", "济宁市兖州区科学技术局")
    for name in ("兖州区科技局", " 济宁市兖州区科技局", "济宁市兖州区科学技术局"):
        assert office.archive.agency(name).name == "济宁市兖州区科学技术局"
    for name in ("任城区科技局", "科技局", "", "区科技局"):
        with pytest.raises(UnknownAgency):
            office.archive.agency(name)


def test_a_person_joins_two_names_and_takes_it_back(office: Office) -> None:
    before, after = office.send("2022", "临江区水利局"), office.send("wrong", "临江区水务局")
    assert office.failed(after) == []
    joined = office.archive.join("临江区水利局", "临江区水务局")
    assert [(name.name, name.kind) for name in joined.names] == [
        ("临江区水利局", Kind.FULLEST),
        ("临江区水务局", Kind.JOINED),
    ]
    assert [year.report_id for year in joined.years] == [before, after]
    assert office.failed(after) == FAILING
    assert office.archive.join("临江区水务局", "临江区水利局") == joined
    for variant in ("云溪市临江区水务局", "云溪市临江区水利局"):
        office.send("2021", variant, year=2031)
    assert len(office.groups()) == 1
    apart = office.archive.separate("临江区水利局", "临江区水务局")
    assert office.failed(after) == [] and office.between(after) == set()
    assert {name.name for name in apart.names} == {"临江区水务局", "云溪市临江区水务局"}
    with pytest.raises(UnknownAgency):
        office.archive.separate("临江区水利局", "临江区水务局")
    with pytest.raises(UnknownAgency):
        office.archive.join("临江区水利局", "无此局")
    for action in (Action.JOINING, Action.SEPARATION):
        (entry,) = office.reports.audit(9, action=action)
        assert entry.detail["name"] == "临江区水务局"


def test_what_was_recognised_wrongly_is_taken_apart_and_put_back(office: Office) -> None:
    office.send("2021", "云溪市临江区水利局"), office.send("2022", "临江区水利局")
    office.archive.separate("云溪市临江区水利局", "临江区水利局")
    office.send("2023", "临江区 水利局")
    assert office.groups() == {frozenset({"云溪市临江区水利局"}), frozenset({"临江区水利局"})}
    with pytest.raises(NothingToSeparate):
        office.archive.separate("临江区水利局", "临江区水利局")
    office.archive.join("云溪市临江区水利局", "临江区水利局")
    assert len(office.archive.agency("临江区水利局").years) == 3
    apart = office.archive.separate("临江区水利局", "云溪市临江区水利局")
    assert [year.year for year in apart.years] == [2021]


def test_each_owner_has_agencies_of_his_own_and_an_admin_sees_all(office: Office) -> None:
    office.send("2022", owner="a"), office.send("2023", owner="b"), office.send("2023", "临江区民政局", owner="b")
    assert office.archive.agencies(owner="a").total == 1
    assert office.archive.agencies(owner="b").total == 2
    assert office.archive.agencies(owner=None).total == 3
    assert (
        office.archive.agencies(owner="b", q="民政").total == office.archive.agencies(owner=None, q="民政").total == 1
    )
    assert office.archive.agency("临江区民政局", None).owner == "b"
    with pytest.raises(UnknownAgency):
        office.archive.agency("临江区民政局", "a")


@pytest.mark.parametrize("names", [(AGENCY, AGENCY), (AGENCY, "临江区财政局")])
def test_two_that_finish_at_once_see_each_other(office: Office, names: Sequence[str]) -> None:
    for turn in range(4):
        ids = [office.queue("2022", names[0]), office.queue("wrong", names[1])]
        together = threading.Barrier(2)
        office.bench.reader.on_assemble = lambda together=together: together.wait(30)  # type: ignore[misc]
        _at_once([partial(_read, office, report_id) for report_id in ids])
        office.bench.messenger.messages.clear()
        assert office.failed(ids[1]) == FAILING, turn
        if turn == 1:
            _at_once([partial(office.reports.delete, report_id) for report_id in ids])


def test_who_decides_deletes_and_reads_at_once_waits_for_nobody_in_a_circle(office: Office) -> None:
    ids = [office.send(which) for which in ("2021", "2022", "wrong")]
    errors: list[Exception] = []

    def decide(report_id: str, path: str, values: Sequence[int | str]) -> None:
        try:
            for value in values:
                office.reports.decide(report_id, [Change(path, value)])
        except Exception as error:
            errors.append(error)

    def read() -> None:
        for _ in range(4):
            office.reports.delete(_read(office, office.queue("2023", "临江区财政局")))

    _at_once(
        [
            lambda: decide(ids[0], FORWARD, range(6)),
            lambda: decide(ids[1], FORWARD, range(6)),
            lambda: decide(ids[2], "agency", ["临江区财政局", AGENCY] * 3),
            read,
        ]
    )
    assert errors == []
    for report_id, value in ((ids[1], 7), (ids[2], 7)):
        office.reports.decide(report_id, [Change(FORWARD if report_id == ids[1] else OVER, value)])
    assert CARRIED not in office.failed(ids[2]) and office.count(YearChecksRow) == 2
    assert office.groups() == {frozenset({AGENCY})}


def test_reports_are_found_by_the_edition_of_their_form(office: Office) -> None:
    office.send("2022")
    found = [office.reports.search(edition=form).total for form in ("2021", "2019")]
    assert found == [1, 0]


def test_a_failed_check_is_noted_once_for_each_report(office: Office) -> None:
    for which in ("2022", "wrong", "2022", "wrong"):
        office.send(which)
    with office.bench.database.read() as session:
        rows = session.scalars(select(FailedCheckRow.check_id).where(FailedCheckRow.check_id == CARRIED)).all()
    assert rows == [CARRIED]


def _read(office: Office, report_id: str) -> str:
    office.bench.work.open_report(report_id)
    for number in range(1, 4):
        office.bench.work.read_page(report_id, number)
    assert office.reports.get(report_id).status == "succeeded"
    return report_id


def _at_once(deeds: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_names_that_no_database_holds_are_unknown(office: Office) -> None:
    office.send("2022")
    for name in ("\0", "临江区\0财政局某", "局" * 500, "%", "_"):
        with pytest.raises(UnknownAgency):
            office.archive.agency(name)
        assert office.archive.agencies(q=name).total == (1 if name in ("\0", "_") else 0)  # marks alone say nothing
