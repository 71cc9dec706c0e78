"""Errors of the API: application/problem+json (RFC 9457), in English and Chinese, without inner detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response
from pydantic import BaseModel, Field

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:nianbao:problem:"


class Problem(BaseModel):
    """One error. `type` is stable; `detail` and `detail_zh` are sentences for a person."""

    type: str = Field(description="stable name of the kind of error")
    title: str = Field(description="the kind of error in a few words; the same for every error of this type")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what is wrong and what to do, in English")
    detail_zh: str = Field(description="the same in Chinese")
    parts: dict[str, str] | None = Field(default=None, description="only of not-ready: each part and how it is")
    path: str | None = Field(
        default=None, description="only of wrong-decision and changed-meanwhile: the path of the cell"
    )


@dataclass(frozen=True)
class Kind:
    """The constants of one type of problem; the sentences are defaults."""

    status: int
    title: str
    detail: str = ""
    detail_zh: str = ""


KINDS: dict[str, Kind] = {
    # what can be wrong with a file (the sentences come with the DocumentError)
    "empty-file": Kind(400, "Empty file"),
    "unsupported-type": Kind(415, "Unsupported kind of file"),
    "limit-exceeded": Kind(413, "Limit exceeded"),
    "damaged-file": Kind(422, "Damaged file"),
    "encrypted-file": Kind(422, "Encrypted file"),
    "no-pages": Kind(422, "No pages"),
    "no-picture": Kind(422, "No picture"),
    "no-reports": Kind(422, "No reports"),
    "refused-entry": Kind(422, "Refused file of a ZIP"),
    "unreadable": Kind(422, "Unreadable file"),
    # why the work on a file was given up
    "set-aside": Kind(422, "Set aside"),
    "set-aside-crash": Kind(422, "Set aside: crashed"),
    "set-aside-time": Kind(422, "Set aside: took too long"),
    "set-aside-memory": Kind(422, "Set aside: too much memory"),
    "ocr-engine-missing": Kind(422, "No text recognition"),
    "file-missing-in-store": Kind(422, "File lost"),
    # what can be wrong with a request
    "file-missing": Kind(
        400,
        "No file",
        "The request holds no file; send it as the form field “file”, or as the whole body.",
        "请求中没有文件，请以表单字段 file 上传，或把文件作为请求正文发送。",
    ),
    "invalid-parameter": Kind(400, "Invalid parameter"),
    "bad-request": Kind(400, "Bad request", "The request cannot be understood.", "请求格式有误，无法理解。"),
    "unknown-host": Kind(
        400,
        "Unknown host name",
        "This service does not answer to the host name in the request; use the address that it was started with.",
        "请求中的主机名不是本服务的地址，请使用启动时显示的地址访问。",
    ),
    "cross-site": Kind(
        403,
        "Request from another site",
        "A page of another site may not change anything here.",
        "不接受来自其他网站页面的修改请求。",
    ),
    "unauthorized": Kind(
        401,
        "No valid token",
        "This service asks for an access token; send it as “Authorization: Bearer …”.",
        "请先登录；程序请在 Authorization: Bearer 中提供访问令牌。",
    ),
    "admins-only": Kind(403, "For admins only", "Only admins may see this.", "仅管理员可以查看。"),
    "form-outdated": Kind(
        403,
        "Form of another session",
        "The request does not hold the key of this session's forms; load the page again and send it once more.",
        "页面已过期，请刷新后重试。",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "There were too many requests from you; ask again after the time in Retry-After.",
        "请求过于频繁，请稍后再试。",
    ),
    "not-found": Kind(404, "Not found", "There is nothing at this address.", "此地址没有内容。"),
    "unknown-report": Kind(
        404,
        "Unknown report",
        "There is no report with this id; it may have been deleted.",
        "没有这个编号的报告，可能已被删除。",
    ),
    "unknown-batch": Kind(
        404,
        "Unknown batch",
        "There is no batch with this id; it may have been deleted.",
        "没有这个编号的批次，可能已被删除。",
    ),
    "unknown-page": Kind(404, "Unknown page", "The file has no page of this number.", "文件没有这一页。"),
    "unknown-agency": Kind(
        404,
        "Unknown agency",
        "No report is of an agency of this name, or the name could mean several.",
        "没有这个名称的机关的报告，或该名称可能指多个机关。",
    ),
    "several-owners": Kind(409, "Several owners"),
    "nothing-to-separate": Kind(
        409,
        "Nothing to separate",
        "This agency is known under no other name; there is nothing to take apart.",
        "该机关没有其他名称，无需拆分。",
    ),
    "method-not-allowed": Kind(
        405, "Method not allowed", "This address does not accept this HTTP method.", "此地址不支持该请求方法。"
    ),
    "not-finished": Kind(
        409,
        "Not finished",
        "The report is still being read; ask again after the time in Retry-After.",
        "报告仍在识别中，请稍后再试。",
    ),
    "nothing-to-cancel": Kind(
        409,
        "Nothing to cancel",
        "The reading has ended already; there is nothing to stop.",
        "识别已经结束，无需停止。",
    ),
    "nothing-to-retry": Kind(
        409,
        "Nothing to retry",
        "Only what failed, is partial or was canceled can be tried again; this was read whole, or is still being read.",
        "只有无法识别、部分页面未读出或已取消的报告可以重试；这里的已完整读出，或仍在识别中。",
    ),
    "batch-canceled": Kind(
        409,
        "Batch canceled",
        "This batch was canceled; nothing can be added to it.",
        "该批次已取消，不能再添加文件。",
    ),
    "canceled": Kind(
        422,
        "Canceled",
        "The reading of this report was canceled; there is no result. It can be retried.",
        "该报告的识别已取消，没有结果；可以重新开始识别。",
    ),
    "idempotency-conflict": Kind(
        422,
        "Idempotency key used twice",
        "This Idempotency-Key was used for other files; use a new key for each upload.",
        "该 Idempotency-Key 已用于其他文件，请为每次上传使用新的键。",
    ),
    "wrong-decision": Kind(422, "Wrong decision"),
    "changed-meanwhile": Kind(409, "Changed meanwhile"),
    "internal-error": Kind(
        500,
        "Internal error",
        "Something went wrong on our side; the request can be sent again.",
        "服务内部出错，请稍后重试。",
    ),
    "store-away": Kind(
        503,
        "Store of files away",
        "The store of files does not answer; please send the request again after the time in Retry-After.",
        "文件存储暂时无法访问，请稍后重试。",
    ),
    "not-ready": Kind(503, "Not ready"),
    "database-away": Kind(
        503,
        "Database away",
        "The database does not answer at the moment; send the request again after the time in Retry-After.",
        "数据库暂时无法访问，请稍后重试。",
    ),
    "disk-full": Kind(
        507,
        "Disk full",
        "The service has no room left on its disk; nothing was kept. Please tell its administrator, and send it again.",
        "服务器磁盘空间不足，本次内容未保存；请联系管理员清理磁盘，然后重试。",
    ),
    "busy-exporting": Kind(
        503,
        "Busy exporting",
        "Other exports are being made at this moment; ask again after the time in Retry-After.",
        "正在导出的任务较多，请稍后再试。",
    ),
    "picture-not-ready": Kind(
        503,
        "Picture not ready",
        "The picture of the page is being made; ask again after the time in Retry-After.",
        "本页的图像正在生成，请稍后再试。",
    ),
}


def make_problem(
    code: str,
    detail: str | None = None,
    detail_zh: str | None = None,
    status: int | None = None,
    parts: dict[str, str] | None = None,
    path: str | None = None,
) -> Problem:
    """The problem of type `code`; a code that is not in KINDS is a reason why a file could not be read (422)."""
    kind = KINDS.get(code) or Kind(422, code.replace("-", " ").capitalize())
    return Problem(
        type=TYPE_PREFIX + code,
        title=kind.title,
        status=status or kind.status,
        detail=detail or kind.detail or kind.title,
        detail_zh=detail_zh or kind.detail_zh or kind.title,
        parts=parts,
        path=path,
    )


class ProblemError(Exception):
    """Ends a request with this problem."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        detail_zh: str | None = None,
        headers: Mapping[str, str] | None = None,
        path: str | None = None,
    ) -> None:
        self.problem = make_problem(code, detail, detail_zh, path=path)
        self.headers = dict(headers or {})
        super().__init__(self.problem.detail)


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    body = problem.model_dump_json(exclude_none=True)
    response = Response(body, status=problem.status, mimetype=MEDIA_TYPE)
    response.headers.extend(headers or {})
    return response
