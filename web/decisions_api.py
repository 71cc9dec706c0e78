"""/api/v1/reports/{id}/cells: what persons decide about the figures of a report."""

from __future__ import annotations

import json

from flask import Response
from flask_openapi3 import APIBlueprint, Tag

from extractors.decisions import is_entry, value_at
from extractors.report import Result
from extractors.said import as_json
from web.callers import origin, owner, signature
from web.context import reports
from web.models import API, CellDecision, Cells, CellsBody, CellsRequest, DecisionBody, ReportPath
from web.problems import ProblemError
from web.responses import COMMON_PROBLEMS, TOKEN, model_response, problem_responses
from workers.decisions import Change

bp = APIBlueprint(
    "decisions",
    __name__,
    url_prefix=f"{API}/reports",
    abp_tags=[Tag(name="decisions")],
    abp_responses=COMMON_PROBLEMS,
    abp_security=TOKEN,
)


@bp.patch(
    "/<id>/cells",
    summary="Accept or correct figures",
    responses={"200": CellsBody, **problem_responses("403", "404", "409", "413", "422")},
)
def decide_cells(path: ReportPath, body: CellsRequest) -> Response:
    """All or nothing; the checks run again at once. What stood before is kept, and who decided when."""
    changes = [Change(cell.path, cell.value, cell.accept, _seen(cell)) for cell in body.cells]
    for cell in body.cells:
        if cell.accept == ("value" in cell.model_fields_set):
            raise ProblemError(
                "wrong-decision",
                f"{cell.path}: give either a value or accept: true.",
                f"{cell.path}：请给出 value，或 accept: true，二者选一。",
                path=cell.path,
            )
    result = reports().decide(path.id, changes, signature(body.by), owner=owner(), origin=origin())
    return model_response(_body(result, [change.path for change in changes]))


@bp.get(
    "/<id>/cells",
    summary="Every decision about figures, the oldest first",
    responses={"200": Cells, **problem_responses("404")},
)
def list_decisions(path: ReportPath) -> Response:
    decisions = reports().decisions(path.id, owner=owner())
    return model_response(Cells(items=[DecisionBody.model_validate(d, from_attributes=True) for d in decisions]))


def _seen(cell: CellDecision) -> str | None:
    return json.dumps(cell.seen) if "seen" in cell.model_fields_set else None


def _body(result: Result, paths: list[str]) -> CellsBody:
    cells = [path for path in paths if not is_entry(result, path)]
    return CellsBody(
        validation=result.validation,
        values={path: as_json(value_at(result, path)) for path in cells},
        evidence={path: result.evidence[path] for path in cells},
    )
