"""Registers and kinds of packs as a page says them."""

from __future__ import annotations

from flask_babel import gettext as _

from reconcile.registers.records import Register
from tracer.catalog.registers.tables import BatchStatus, CodeKind


def register_names() -> dict[str, str]:
    return {
        Register.NMPA: _("国家医疗器械唯一标识数据库"),
        Register.GUDID: _("美国 GUDID 数据库"),
        Register.INSURANCE: _("医保耗材目录"),
    }


def kind_names() -> dict[str, str]:
    return {
        CodeKind.SALES_UNIT: _("最小销售单元"),
        CodeKind.USE_UNIT: _("使用单元"),
        CodeKind.DIRECT_MARK: _("本体标识"),
        CodeKind.PACKAGE: _("包装"),
        CodeKind.CATALOGUE_DI: _("医保目录所列标识"),
        CodeKind.INSURANCE: _("医保编码"),
        CodeKind.MODEL: _("规格型号"),
        CodeKind.REFERENCE: _("货号"),
    }


def status_names() -> dict[str, str]:
    return {
        BatchStatus.RUNNING: _("正在导入"),
        BatchStatus.DONE: _("已完成"),
        BatchStatus.STOPPED: _("已中断，重新导入同一文件即可继续"),
    }
