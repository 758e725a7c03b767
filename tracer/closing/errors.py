"""Why a day is not closed, or not shown.

Refusal
├── DayNotOver       the day lies ahead
├── EarlierDayOpen   an earlier day with postings is still open; days close in order
└── UnknownFilter    a filter names something that does not exist
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid


class DayNotOver(Conflict):
    code = "day_not_over"
    zh = "{day} 还没有到，不能结账"
    en = "{day} lies ahead and cannot be closed"


class EarlierDayOpen(Conflict):
    code = "earlier_day_open"
    zh = "{earlier} 还没有结账；请按日期顺序结账"
    en = "{earlier} is still open; days are closed in order"


class UnknownFilter(Invalid):
    code = "unknown_filter"
    zh = "筛选条件 {field} 无效：{value}；可用：{allowed}"
    en = "The filter {field} knows no {value!r}; it takes {allowed}"
