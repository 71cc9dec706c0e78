"""/api/v1/audit and its page: who did what, for admins."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from web.callers import require_admin
from web.context import reports
from web.errors import invalid_parameter
from web.models import API
from web.responses import COMMON_PROBLEMS, TOKEN, model_response, problem_responses
from workers.audit import Action, AuditEntry

bp = APIBlueprint("audit", __name__, abp_tags=[Tag(name="audit")], abp_responses=COMMON_PROBLEMS, abp_security=TOKEN)
page_bp = Blueprint("audit_page", __name__)

ACTIONS = {
    Action.UPLOAD: "上传",
    Action.CORRECTION: "更正",
    Action.DELETION: "删除",
    Action.CANCELLATION: "停止识别",
    Action.RETRY: "重试",
    Action.REREAD: "重新识别",
    Action.JOINING: "合并机关",
    Action.SEPARATION: "拆分机关",
    Action.SIGN_IN: "登录",
    Action.TOKEN: "发放令牌",
    Action.REVOCATION: "吊销令牌",
}


class AuditQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, description="who did it")
    action: Action | None = Field(default=None, description="what was done")
    report: str | None = Field(default=None, description="id of the report")
    before: int | None = Field(default=None, ge=1, le=2**31 - 1, description="only entries older than this id")
    per_page: int = Field(default=50, ge=1, le=500)


class AuditBody(BaseModel):
    id: int
    at: dt.datetime
    name: str = Field(description="name of the token, `local` where none is needed")
    address: str | None = Field(description="network address that the request came from")
    action: Action
    report_id: str | None
    detail: dict[str, Any] = Field(
        description="upload and deletion: the file; correction: the paths; joining and separation: the names"
    )


class AuditLinks(BaseModel):
    next: str | None


class AuditList(BaseModel):
    items: list[AuditBody]
    links: AuditLinks


@bp.get(f"{API}/audit", summary="The audit log, newest first", responses={"200": AuditList, **problem_responses("403")})
def list_audit(query: AuditQuery) -> Response:
    """Each upload, correction and deletion, each reading stopped or begun again, each sign-in and token; for admins."""
    require_admin()
    found, older = _look(query)
    items = [AuditBody.model_validate(entry, from_attributes=True) for entry in found]
    return model_response(AuditList(items=items, links=AuditLinks(next=older and f"{API}/audit?{older}")))


@page_bp.get("/audit")
def show() -> Response:
    """The same as a page."""
    require_admin()
    try:
        query = AuditQuery.model_validate({name: value for name, value in request.args.items() if value.strip()})
    except ValidationError as error:
        return invalid_parameter(error)
    found, older = _look(query)
    return make_response(
        render_template("audit.html", entries=found, query=query, older=older and f"/audit?{older}", actions=ACTIONS)
    )


def _look(query: AuditQuery) -> tuple[list[AuditEntry], str | None]:
    """The entries, and the query of those that come after them."""
    wanted = query.model_dump(exclude={"per_page", "report"})
    found = reports().audit(query.per_page + 1, **wanted, report_id=query.report)
    shown = found[: query.per_page]
    if len(found) == len(shown):
        return shown, None
    return shown, urlencode({**query.model_dump(exclude_defaults=True, mode="json"), "before": shown[-1].id})
