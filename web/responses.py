"""Parts of the API's answers that several modules share."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel

from web.problems import MEDIA_TYPE

RETRY_SECONDS = "1"
"""Retry-After of everything that is not finished yet: a page takes about this long."""


def problem_responses(*statuses: str) -> dict[str | int, Any]:
    """The `responses` of an operation that may answer with a problem of these HTTP statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses}


COMMON_PROBLEMS = problem_responses("400", "401", "429", "503", "507")
"""What every operation may answer with."""
TOKEN: list[dict[str, list[str]]] = [{"token": []}]
"""The security scheme of every operation that asks for a token."""


def model_response(body: BaseModel, status: int = 200) -> Response:
    return Response(body.model_dump_json(), status=status, mimetype="application/json")
