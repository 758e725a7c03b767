"""Roles, actions and scopes. Pure: who may do what is decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracer.shared.errors import Forbidden


class Role(StrEnum):
    NURSE = "nurse"
    STOREKEEPER = "storekeeper"
    PROCUREMENT = "procurement"
    FINANCE = "finance"
    INSURANCE_OFFICE = "insurance_office"
    SUPPLIER = "supplier"
    AUDITOR = "auditor"
    ADMIN = "admin"
    HIS = "his"


class Action(StrEnum):
    """What a route or a use case asks leave for."""

    SCAN = "scan"
    OVERRIDE_SAFETY = "override_safety"
    VIEW_ENCOUNTER = "view_encounter"
    PLACE_ORDER = "place_order"
    END_ORDER = "end_order"
    POST_CHARGE = "post_charge"
    RECEIVE = "receive"
    ISSUE = "issue"
    COUNT = "count"
    WRITE_OFF = "write_off"
    POST_USE = "post_use"
    VIEW_STOCK = "view_stock"
    VIEW_CODES = "view_codes"
    IMPORT_CODES = "import_codes"
    SETTLE_CODES = "settle_codes"
    APPROVE_CODES = "approve_codes"
    PROPOSE_PRICE = "propose_price"
    APPROVE_PRICE = "approve_price"
    VIEW_VARIANCE = "view_variance"
    VIEW_MISMATCHES = "view_mismatches"
    CLOSE_DAY = "close_day"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_EXCHANGE = "manage_exchange"
    VIEW_SUPPLIERS = "view_suppliers"
    MANAGE_SUPPLIERS = "manage_suppliers"
    SUPPLY = "supply"


_BEDSIDE = {Action.SCAN, Action.OVERRIDE_SAFETY, Action.VIEW_ENCOUNTER, Action.END_ORDER}
_STORE = {Action.RECEIVE, Action.ISSUE, Action.COUNT, Action.WRITE_OFF, Action.POST_USE}
_READ = {Action.VIEW_STOCK, Action.VIEW_CODES, Action.VIEW_VARIANCE, Action.VIEW_MISMATCHES}
_READ |= {Action.VIEW_SUPPLIERS}
# Who proposes is never who approves: the use cases and the database see to that, person by person.
_APPROVE = {Action.APPROVE_CODES, Action.APPROVE_PRICE}
_PROPOSE = {Action.IMPORT_CODES, Action.SETTLE_CODES, Action.PROPOSE_PRICE}

GRANTED: dict[Role, frozenset[Action]] = {
    Role.NURSE: frozenset(_BEDSIDE | {Action.VIEW_STOCK, Action.VIEW_CODES}),
    Role.STOREKEEPER: frozenset(_STORE | {Action.VIEW_STOCK, Action.VIEW_CODES}),
    Role.PROCUREMENT: frozenset(_STORE | _READ | _PROPOSE | {Action.MANAGE_SUPPLIERS}),
    Role.FINANCE: frozenset(_READ | _APPROVE | {Action.CLOSE_DAY}),
    Role.INSURANCE_OFFICE: frozenset(_READ | _APPROVE | {Action.SETTLE_CODES}),
    # Its own items and nothing else: which these are is asked of the database, each time.
    Role.SUPPLIER: frozenset({Action.SUPPLY}),
    Role.AUDITOR: frozenset(_READ | {Action.VIEW_ENCOUNTER}),
    # Nobody of the house acts for a supplier.
    Role.ADMIN: frozenset(Action) - {Action.SUPPLY},
    Role.HIS: frozenset({Action.PLACE_ORDER, Action.END_ORDER, Action.POST_CHARGE, Action.VIEW_CODES}),
}

WHOLE_HOSPITAL = "/"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, held for one location and everything below it.

    `scope` is a location's path ("/HOSP/CARD/"); "/" is the whole hospital.
    """

    role: Role
    scope: str = WHOLE_HOSPITAL

    def covers(self, path: str) -> bool:
        return path.startswith(self.scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or device a use case acts for."""

    id: int
    username: str
    name: str
    grants: tuple[Grant, ...]
    origin: str = ""

    def may(self, action: Action, at: str | None = None) -> bool:
        """True if some role allows the action at the location path (anywhere, if no path is given)."""
        return any(action in GRANTED[g.role] and (at is None or g.covers(at)) for g in self.grants)

    def must(self, action: Action, at: str | None = None) -> None:
        """Raises Forbidden unless `may`."""
        if not self.may(action, at):
            raise Forbidden(action=action.value)

    def scopes(self, action: Action) -> tuple[str, ...]:
        """The location paths the action is allowed at; empty if nowhere."""
        return tuple(g.scope for g in self.grants if action in GRANTED[g.role])

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(g.role for g in self.grants)
