"""Where a person can go: the pages their roles may use, in the order of a working day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask import Flask, current_app
from flask_babel import LazyString, lazy_gettext

from tracer.access.rules import Action, Actor, Role


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation."""

    path: str
    label: LazyString
    action: Action


PLACES = (
    Place("/scan", lazy_gettext("扫码"), Action.SCAN),
    Place("/stock", lazy_gettext("库存"), Action.VIEW_STOCK),
    Place("/catalog", lazy_gettext("耗材目录"), Action.VIEW_CODES),
    Place("/approvals", lazy_gettext("待审批"), Action.APPROVE_CODES),
    Place("/supplier", lazy_gettext("我的供货"), Action.SUPPLY),
    Place("/suppliers", lazy_gettext("供应商管理"), Action.VIEW_SUPPLIERS),
    Place("/certificates", lazy_gettext("注册证"), Action.VIEW_CODES),
    Place("/prices", lazy_gettext("价格"), Action.APPROVE_PRICE),
    Place("/mismatches", lazy_gettext("五码对照"), Action.VIEW_MISMATCHES),
    Place("/registers", lazy_gettext("标识数据库"), Action.VIEW_CODES),
    Place("/variance", lazy_gettext("差异"), Action.VIEW_VARIANCE),
    # For those who look after the scanners; a nurse finds it on the scan page.
    Place("/scanner-test", lazy_gettext("扫码枪测试"), Action.IMPORT_CODES),
    Place("/exchange", lazy_gettext("对外通知"), Action.MANAGE_EXCHANGE),
)


# Whose day begins elsewhere than at the first page they may use.
BEGINS_AT = {Role.FINANCE: "/variance", Role.INSURANCE_OFFICE: "/variance", Role.AUDITOR: "/variance"}


def first_place_of(actor: Actor) -> Place | None:
    """The page to show after sign-in; None for somebody who may use none."""
    places = places_of(actor)
    wanted = {BEGINS_AT[role] for role in actor.roles if role in BEGINS_AT}
    return next((place for place in places if place.path in wanted), places[0] if places else None)


def places_of(actor: Actor | None) -> list[Place]:
    """The places this actor may go to, in the order of a working day."""
    if actor is None:
        return []
    served = _served_paths(current_app._get_current_object())  # type: ignore[attr-defined]
    return [place for place in PLACES if place.path in served and actor.may(place.action)]


@cache
def _served_paths(app: Flask) -> frozenset[str]:
    return frozenset(rule.rule for rule in app.url_map.iter_rules())
