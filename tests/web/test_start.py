"""What the application is made of, and what it costs to start."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from flask_openapi3.openapi import OpenAPI

from tests.access.application import SETTINGS
from tracer.app import create_app
from tracer.settings import BadSetting

START = """
import sys
from tracer.app import create_app
from tracer.settings import Settings
create_app(Settings(secret_key="0123456789abcdef0123456789abcdef", database_url="postgresql://127.0.0.1:1/x"))
print([name for name in sys.argv[1:] if name in sys.modules])
"""


def test_starting_loads_nothing_heavy_and_opens_no_connection():
    """Each web process would carry it: pandas alone is 60 MB."""
    heavy = ["pandas", "numpy", "bokeh", "pyarrow", "openpyxl", "xlsxwriter", "alembic", "duckdb"]
    run = subprocess.run([sys.executable, "-c", START, *heavy], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"


def test_it_does_not_start_without_a_secret_or_a_database():
    with pytest.raises(BadSetting):
        create_app(replace(SETTINGS, secret_key=""))
    with pytest.raises(BadSetting):
        create_app(SETTINGS)


def test_it_does_not_run_in_debug_mode(app: OpenAPI):
    assert not app.debug


def test_the_document_tells_who_may_and_what_is_refused(app: OpenAPI):
    document = app.test_client().get("/openapi/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}
    assert "Problem" in document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["tags"], where
            assert operation["security"] == [{"token": []}, {"session": []}], where
            for status in ("401", "403", "422", "503"):
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"], where
    for reference in set(_references(document)):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference


def test_the_documentation_is_browsable_here(app: OpenAPI):
    client = app.test_client()
    assert client.get("/openapi/").location == "/openapi/swagger"
    page = client.get("/openapi/swagger").get_data(as_text=True)
    assert "/openapi/openapi.json" in page and "validatorUrl: null" in page
    for file in ("js/swagger-ui-bundle.js", "css/swagger-ui.css"):
        assert f"/openapi/swagger/{file}" in page
        assert client.get(f"/openapi/swagger/{file}", buffered=True).status_code == 200


def _references(node: object) -> list[str]:
    text = json.dumps(node)
    return [part.split('"')[0] for part in text.split('"$ref": "')[1:]]
