"""The OpenAPI document, and a page to browse it that loads nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from tracer import __version__
from tracer.access.edge import MARK, Permission
from tracer.web.problems import MEDIA_TYPE, Problem

DESCRIPTION = """\
Every refusal is an RFC 9457 problem document with a stable `type`. Times are RFC 3339 with offset;
money is a decimal string in CNY; quantities are integers in base units. What changes something takes
an `idempotency_key`: made by the client before it sends, kept until there is an answer, sent again
with the same content when there was none."""

SECURITY: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made by `tracer token NAME --role ROLE`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tracer",
        "description": "A signed-in browser; its writes carry the header X-CSRFToken.",
    },
}
REFUSALS = {
    "401": "Not signed in, or the token ended",
    "403": "Not allowed to this role",
    "422": "Something in the request is not right",
    "503": "The database is away for a moment",
}
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

# flask-openapi3's page, with its one script under our nonce and no validator on another host.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tracer API</title>
<link rel="icon" href="{{ url_for('static', filename='tracer.svg') }}">
<link rel="stylesheet" href="{{ url_for('swagger.static', filename='css/swagger-ui.css') }}">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{{ url_for('swagger.static', filename='js/swagger-ui-bundle.js') }}"></script>
<script nonce="{{ csp_nonce() }}">
SwaggerUIBundle({
  url: {{ url_for('openapi.doc_url')|tojson }},
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
</script>
</body>
</html>
"""


class Application(OpenAPI):
    """Flask with an OpenAPI document that tells of refusals as they really are."""

    def __init__(self, import_name: str, *, validation_error_callback: Any, **options: Any) -> None:
        super().__init__(
            import_name,
            info=Info(title="Tracer", version=__version__, description=DESCRIPTION),
            security_schemes=SECURITY,
            validation_error_model=Problem,
            validation_error_callback=validation_error_callback,
            **options,
        )
        self.config["SWAGGER_HTML_STRING"] = PAGE

    def generate_spec_json(self) -> None:
        """Build the document; every operation gets the refusals it may answer with, and who may use it."""
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        marks = self._marks()
        for path, operations in self.spec_json["paths"].items():
            for method, operation in operations.items():
                answers = operation["responses"]
                answers.pop("422", None)
                mark = marks.get((path, method.upper()), Permission())
                if not mark.public:
                    operation["security"] = [{"token": []}, {"session": []}]
                for status, description in REFUSALS.items():
                    if not mark.public or status not in {"401", "403"}:
                        answers.setdefault(status, {"description": description, "content": PROBLEM})

    def _marks(self) -> dict[tuple[str, str], Permission]:
        marks = {}
        for rule in self.url_map.iter_rules():
            mark = getattr(self.view_functions[rule.endpoint], MARK, None)
            if mark is not None:
                path = "".join(
                    f"{{{part}}}" if is_variable else part.lstrip("|") for is_variable, part in rule._trace
                )
                marks.update({(path, method): mark for method in rule.methods or ()})
        return marks
