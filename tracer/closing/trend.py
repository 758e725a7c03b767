"""The trend: the gross rate of each closed day against the tolerance, drawn by bokeh.

The figure travels as data; the page's script gives it to bokeh's own JavaScript, which is served from
the installed package. bokeh in Python takes 30 MB: it is loaded when a chart is drawn, never before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from tracer.closing.queries import DayPoint

FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
INK, QUIET, LINE, GOOD, BAD, BRAND = "#16252e", "#566873", "#d5dee3", "#17734a", "#a3201d", "#0b4f6c"
HEIGHT = 260  # pixels


def checked_rate(point: DayPoint) -> Decimal:
    """The rate that is held against the tolerance: by value where every row has a cost, else by quantity."""
    return point.gross_rate if point.gross_rate_value is None else point.gross_rate_value


def trend_item(
    points: Sequence[DayPoint], tolerance: Decimal, *, words: Mapping[str, str], address: str
) -> dict[str, Any]:
    """The chart as bokeh's JSON. `words`: tolerance, rate, breaches, invalid, date.

    A click on a day opens `address`, in which bokeh puts the day for "@iso".
    """
    from bokeh.embed import json_item
    from bokeh.models import (
        BasicTicker,
        ColumnDataSource,
        DatetimeTickFormatter,
        HoverTool,
        NumeralTickFormatter,
        OpenURL,
        Range1d,
        TapTool,
    )
    from bokeh.models.annotations import BoxAnnotation, Label, Span
    from bokeh.plotting import figure

    limit = float(tolerance)
    rates = [float(checked_rate(point)) for point in points]
    source = ColumnDataSource(
        {
            # bokeh counts milliseconds and shows them as UTC.
            "day": [
                datetime.combine(point.business_date, time(), UTC).timestamp() * 1000 for point in points
            ],
            "iso": [point.business_date.isoformat() for point in points],
            "rate": rates,
            "breaches": [point.breaches for point in points],
            "invalid": [point.invalid for point in points],
            "colour": [BAD if point.status == "BREACH" else GOOD for point in points],
            # Never by colour alone.
            "shape": ["triangle" if point.status == "BREACH" else "circle" for point in points],
        }
    )
    top = max([*(rate * 1.2 for rate in rates), limit * 2])
    plot = figure(
        height=HEIGHT,
        sizing_mode="stretch_width",
        x_axis_type="datetime",
        y_range=Range1d(start=-top / 30, end=top),
        toolbar_location=None,
        tools="",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border_right=16,
    )
    plot.add_layout(
        BoxAnnotation(bottom=0, top=limit, fill_color=GOOD, fill_alpha=0.10, line_alpha=0, level="underlay")
    )
    plot.add_layout(
        Span(location=limit, dimension="width", line_color=GOOD, line_dash="dashed", line_width=1.5)
    )
    plot.add_layout(
        Label(
            x=6,
            y=limit,
            x_units="screen",
            y_offset=3,
            text=words["tolerance"],
            text_color=GOOD,
            text_font=FONT,
            text_font_size="12px",
        )
    )
    plot.line("day", "rate", source=source, line_color=BRAND, line_width=2)
    marks = plot.scatter(
        "day", "rate", source=source, size=10, marker="shape", fill_color="colour", line_color="white"
    )
    plot.add_tools(
        HoverTool(
            renderers=[marks],
            tooltips=[
                (words["date"], "@iso"),
                (words["rate"], "@rate{0.00%}"),
                (words["breaches"], "@breaches"),
                (words["invalid"], "@invalid"),
            ],
        ),
        TapTool(renderers=[marks], callback=OpenURL(url=address, same_tab=True)),
    )
    for axis in (plot.xaxis[0], plot.yaxis[0]):
        axis.axis_line_color = LINE
        axis.major_tick_line_color = LINE
        axis.minor_tick_line_color = None
        axis.major_label_text_color = QUIET
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "12px"
    plot.yaxis[0].formatter = NumeralTickFormatter(format="0%")
    plot.yaxis[0].ticker = BasicTicker(desired_num_ticks=5)
    plot.xaxis[0].formatter = DatetimeTickFormatter(days="%m-%d", months="%m-%d", years="%Y")
    plot.xgrid[0].grid_line_color = None
    plot.ygrid[0].grid_line_color = LINE
    return dict(json_item(plot))


def trend_for_page(
    points: Sequence[DayPoint], tolerance: Decimal, words: Sequence[tuple[str, str]], address: str
) -> Markup:
    """`trend_item` as JSON to stand in a page, its keys in bokeh's order: a definition precedes its use."""
    item = trend_item(points, tolerance, words=dict(words), address=address)
    return htmlsafe_json_dumps(item, dumps=json.dumps)


@cache
def bokeh_script() -> tuple[str, Path]:
    """The version and the file of bokeh's JavaScript, as the installed package has it."""
    from importlib.metadata import version
    from importlib.util import find_spec

    spec = find_spec("bokeh")
    assert spec is not None and spec.origin is not None
    return version("bokeh"), Path(spec.origin).parent / "server" / "static" / "js" / "bokeh.min.js"
