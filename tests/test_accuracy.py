"""A fixed small part of `benchmarks.accuracy`: one short document of six kinds of damage, with exact expectations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import accuracy, calibrate, finders, output, rivals, scores
from benchmarks.scores import Score
from extractors.pipeline import extract
from extractors.report import Review
from tests.making.faces import BUILT_IN, faces
from tests.making.kinds import Made, make_document
from tests.making.record import cells

DOCUMENTS = {
    ("office", 1, 31): set[str](),
    ("low", 0, 32): set[str](),
    ("skew", 1, 33): set[str](),
    ("turned", 0, 34): set[str](),
    ("fax", 0, 35): set[str](),
    ("photo", 1, 36): set[str](),
}
"""Kind, strength and seed, and the cells that are read wrong (and listed)."""


@pytest.fixture(autouse=True, scope="module")
def packaged_faces_only() -> Iterator[None]:
    """The same documents on every machine, whatever faces are installed there."""
    packaged = {name: path for name, path in faces().items() if name in (BUILT_IN, "fangsong")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.making.layout.faces", lambda: packaged)
        yield


@pytest.mark.ocr
@pytest.mark.parametrize(("kind", "strength", "seed"), DOCUMENTS)
def test_a_damaged_document_comes_back_without_a_silent_error(
    kind: str, strength: int, seed: int, tmp_path: Path
) -> None:
    made = make_document(kind, strength, seed, short=True)
    score = accuracy.read(made, kind, strength, tmp_path)
    assert score.silent == []
    assert {finding.path for finding in score.wrong} == DOCUMENTS[kind, strength, seed]
    assert (score.missed, score.false, score.wrong_heads, score.errors) == ([], [], [], [])
    # the boxes of a row that was not found are missing too
    assert score.boxes_right >= score.boxes - (5 if score.wrong else 0) > 0
    assert score.edits <= 0.01 * score.characters


@pytest.fixture(scope="module")
def made() -> Made:
    return make_document("text", 0, 30, short=True)


@pytest.fixture(scope="module")
def text_score(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Score:
    return accuracy.read(made, "text", 0, tmp_path_factory.mktemp("text"))


def test_a_text_pdf_is_read_without_any_fault(text_score: Score) -> None:
    assert (text_score.wrong, text_score.alarms, text_score.edits) == ([], [], 0)
    assert text_score.rows_right == text_score.rows
    assert text_score.heads_right == text_score.heads
    assert text_score.boxes_right == text_score.boxes > 0


def test_wrong_cells_are_silent_unless_cell_row_or_table_is_listed(made: Made, tmp_path: Path) -> None:
    path = tmp_path / f"{made.name}.pdf"
    path.write_bytes(made.data)
    result = extract(path)
    requests = result.report.tables.requests
    assert requests is not None
    for row in ("granted", "denied_state_secret"):
        requests[row]["total"] = 987654
    for listed in ("requests.granted.total", "requests.granted", "requests"):
        result.validation.review = [Review(path=listed, reason="ambiguous")]
        score = scores.score(made, "text", 0, result, 1.0)
        assert len(score.wrong) == 2
        assert len(score.silent) == (0 if listed == "requests" else 1)
        covered = [path for path, _ in cells(made.record.tables) if f"{path}.".startswith(f"{listed}.")]
        assert len(score.alarms) == len(covered) - (2 if listed == "requests" else 1)
        assert score.rows - score.rows_right == 2


def test_scores_become_a_table_a_list_and_a_picture(made: Made, text_score: Score) -> None:
    lost = scores.unread(made, "lost", 0, "gone", 0.0)
    table = output.markdown(output.rows_of([text_score, lost]))
    kinds = [line.split("|")[1].strip() for line in table.splitlines()]
    assert kinds == ["kind", kinds[1], "text", "lost", "all"]
    assert output.findings([lost]).count("WRONG") == lost.cells
    assert output.plot([text_score, lost]).count("<text") > 10


def test_rows_of_others_count_once_and_need_their_label(made: Made) -> None:
    row = made.record.tables["requests"]["denied_state_secret"]
    printed = ["" if value is None else str(value) for value in row.values()]
    assert rivals.rows_recalled(made, [["三、", "1.属于国家秘密", *printed]]) == 1
    assert rivals.rows_recalled(made, [["1.重复申请", *printed]]) == 0
    assert rivals.rows_recalled(made, [["属于国家秘密", *printed[:-1], "77777"]]) == 0
    read_as_letter = [text.replace("0", "O") for text in printed]
    assert rivals.rows_recalled(made, [["属于国家秘密", *read_as_letter]]) == 1


def test_a_finder_finds_the_cells_of_a_clean_page(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(made.data)
    measures = finders.compare(made, path, ("Nianbao", "PyMuPDF"))
    wanted = measures["cells of 三"]
    assert wanted == sum(len(columns) for columns in made.record.tables["requests"].values())
    assert measures["Nianbao: cells found"] == measures["PyMuPDF: cells found"] == wanted


def test_thresholds_are_above_every_wrong_reading() -> None:
    assert calibrate.with_margin([0.2, 0.6]) == pytest.approx(0.7)
