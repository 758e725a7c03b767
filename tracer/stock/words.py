"""What movements are called."""

from __future__ import annotations

from flask_babel import gettext as _

from tracer.stock.rules import MovementKind, Virtual


def kind_names() -> dict[str, str]:
    """Every kind of movement, in the reader's language."""
    return {
        MovementKind.RECEIPT: _("入库"),
        MovementKind.SUPPLIER_RETURN: _("退货"),
        MovementKind.ISSUE: _("出库"),
        MovementKind.TRANSFER: _("调拨"),
        MovementKind.USE: _("使用"),
        MovementKind.USE_REVERSAL: _("撤销使用"),
        MovementKind.WRITE_OFF: _("报损"),
        MovementKind.COUNT: _("盘点"),
    }


def virtual_names() -> dict[str, str]:
    """The places outside the hospital's shelves."""
    return {
        Virtual.SUPPLIER: _("供应商"),
        Virtual.PATIENT: _("患者"),
        Virtual.LOSS: _("报损"),
        Virtual.COUNT: _("盘点调整"),
    }
