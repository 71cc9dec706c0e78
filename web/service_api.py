"""The contract (schema, openapi.json) and the health of the service."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, json, request
from flask_openapi3 import APIBlueprint, OpenAPI, Tag

from extractors.report import json_schema
from web.callers import require_admin
from web.context import reports
from web.metrics import render
from web.models import API, Health, Readiness
from web.problems import make_problem, problem_response
from web.responses import TOKEN, problem_responses

bp = APIBlueprint("service", __name__, abp_tags=[Tag(name="service")], abp_responses=problem_responses("400"))

PART_NAMES = {"database": "数据库", "migrations": "数据库版本", "queue": "任务队列", "store": "文件存储"}


SCHEMA: dict[str, Any] = {"content": {"application/schema+json": {"schema": {"type": "object"}}}}
METRICS: dict[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}


@bp.get(f"{API}/schema", summary="JSON Schema of a result", responses={"200": SCHEMA})
def get_schema() -> Response:
    return Response(json.dumps(json_schema(), ensure_ascii=False), mimetype="application/schema+json")


@bp.get(f"{API}/openapi.json", summary="This API as OpenAPI", doc_ui=False)
def get_openapi() -> Response:
    assert isinstance(current_app, OpenAPI)
    return Response(json.dumps(current_app.api_doc, ensure_ascii=False), mimetype="application/json")


@bp.get("/healthz", summary="Whether this process answers", responses={"200": Health})
def get_health() -> Response:
    return Response(Health().model_dump_json(), mimetype="application/json")


@bp.get("/readyz", summary="Whether every part works", responses={"200": Readiness, **problem_responses("503")})
def get_readiness() -> Response:
    parts = reports().readiness()
    down = {name: state for name, state in parts.items() if state != "ok"}
    if not down:
        return Response(Readiness(parts=parts).model_dump_json(), mimetype="application/json")
    names_zh = "、".join(PART_NAMES.get(name, name) for name in down)
    problem = make_problem(
        "not-ready",
        "Not ready: " + "; ".join(f"{name}: {state}" for name, state in down.items()),
        f"服务尚未就绪，以下部分不可用：{names_zh}。",
        parts=parts,
    )
    return problem_response(problem, {"Retry-After": "2"})


@bp.get(
    "/metrics",
    summary="Figures of the service for Prometheus; for admins only",
    responses={"200": METRICS, **problem_responses("401", "403", "429")},
    security=TOKEN,
)
def get_metrics() -> Response:
    require_admin()
    body, content_type = render(reports().figures, request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)
