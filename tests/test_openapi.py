"""The published description of the API: complete, sound, and the same as docs/api.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import extractors.errors
from extractors.errors import DocumentError
from web.app import create_app
from web.problems import KINDS
from workers.database import migrate
from workers.settings import Settings

API_DOC = Path(__file__).parent.parent / "docs" / "api.md"


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> Any:
    settings = Settings(data_dir=tmp_path_factory.mktemp("openapi"))
    migrate(settings.sqlalchemy_url)
    return create_app(settings).test_client().get("/api/v1/openapi.json").get_json()


def references(node: Any) -> Iterator[str]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for child in children:
        yield from references(child)


def test_every_reference_leads_somewhere(openapi: Any) -> None:
    found = set(references(openapi))
    assert len(found) > 10
    for reference in found:
        node = openapi
        for key in reference.removeprefix("#/").split("/"):
            assert key in node, reference
            node = node[key]


def test_every_operation_has_a_success_and_its_errors_are_problems(openapi: Any) -> None:
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            assert any(status.startswith("2") for status in operation["responses"]), (method, path)
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)


def test_the_upload_takes_a_form_or_raw_bytes(openapi: Any) -> None:
    content = openapi["paths"]["/api/v1/reports"]["post"]["requestBody"]["content"]
    assert {"multipart/form-data", "application/pdf", "application/octet-stream"} <= set(content)


def test_the_document_lists_every_problem_with_its_status() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", API_DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {code: kind.status for code, kind in KINDS.items()}


def test_every_reason_to_refuse_a_file_is_a_problem_with_a_title() -> None:
    errors = [e for e in vars(extractors.errors).values() if isinstance(e, type) and issubclass(e, DocumentError)]
    assert len(errors) > 5
    assert {error.code for error in errors} <= set(KINDS)
