"""Why an order is refused.

Refusal
├── BadEncounter       not the shape of an encounter reference (perhaps a consumable was scanned)
├── UnknownOrderCode   no item and no bundle has this order code
├── UnknownOrder       no such order, or not one this person may see
└── OrderNoTaken       another order has this number
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound


class BadEncounter(Invalid):
    code = "bad_encounter"
    zh = "“{ref}”不是就诊号；请扫描患者腕带"
    en = "{ref!r} is not an encounter reference; scan the wristband"


class UnknownOrderCode(Invalid):
    code = "unknown_order_code"
    zh = "第 {line} 行：没有医嘱编码“{order_code}”"
    en = "Line {line}: no item and no bundle has the order code {order_code!r}"


class UnknownOrder(NotFound):
    code = "unknown_order"
    zh = "没有医嘱“{order_no}”"
    en = "There is no order {order_no!r}"


class OrderNoTaken(Conflict):
    code = "order_no_taken"
    zh = "医嘱号“{order_no}”已存在，内容不同"
    en = "There is already another order {order_no!r}"
