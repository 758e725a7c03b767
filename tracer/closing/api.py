"""The variance over HTTP: a day's report as JSON, CSV or XLSX, and the close of a day."""

from __future__ import annotations

from flask import Response, jsonify, make_response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.apart import apart, elsewhere
from tracer.access.edge import current_actor, current_language, permits, service
from tracer.access.fields import refused
from tracer.access.rules import Action
from tracer.closing.closing_days import close_day
from tracer.closing.errors import UnknownFilter
from tracer.closing.exporting import variance_csv, variance_xlsx
from tracer.closing.queries import Report
from tracer.closing.reporting import report_of
from tracer.closing.schemas import ClosedOut, DayPath, VarianceOut, VarianceQuery, as_answer

FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

api = APIBlueprint(
    "closing_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Variance", description="Purchase, sale and stock, day by day")],
)


@api.get(
    "/variance",
    summary="The variance of a business date",
    responses={200: VarianceOut, 404: refused("No such location, or not one this person may see")},
)
@permits(Action.VIEW_VARIANCE)
def variance(query: VarianceQuery) -> Response:
    """Rows with their causes, and the figures over exactly these rows; as a file by Accept or `format`."""
    wanted = _format(query.format)
    actor, tolerance = current_actor(), service().settings.tolerance
    report = report_of(
        actor,
        query.date,
        location=query.location,
        category=query.category,
        status=query.status,
        tolerance=tolerance,
    )
    if wanted == "json":
        return jsonify(as_answer(report))
    return _file(report, wanted)


@api.post(
    "/days/<date>/close",
    summary="Close a business day",
    responses={200: ClosedOut, 409: refused("The day lies ahead, or an earlier one is open")},
)
@permits(Action.CLOSE_DAY)
def close(path: DayPath) -> Response:
    """Write the day's variance down for good. Closing it again answers the same and changes nothing."""
    here, actor = service(), current_actor()
    return jsonify(apart(close_day, actor, path.date, here.clock, here.settings.tolerance))


def _format(given: str | None) -> str:
    if given is not None:
        if given not in FORMATS:
            raise UnknownFilter(field="format", value=given, allowed=", ".join(FORMATS))
        return given
    best = request.accept_mimetypes.best_match(FORMATS.values(), default=FORMATS["json"])
    return next(name for name, media in FORMATS.items() if media == best)


def _file(report: Report, wanted: str) -> Response:
    if wanted == "csv":
        content = elsewhere(variance_csv, report)
    else:
        content = elsewhere(variance_xlsx, report, current_language())
    answer = make_response(content)
    answer.mimetype = FORMATS[wanted]
    name = f"variance-{report.business_date.isoformat()}.{wanted}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
