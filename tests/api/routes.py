"""Every route of these rooms: who may use it, and a request that it carries out.

A request is made from what stands in the smallest hospital: stents S1-S10 and 50 syringes of lot L1 on
CARD-W1, stents S11-S20 and 50 syringes in STORE, order O1 and one scan of encounter E1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.api.ward import Ward
from tests.small_hospital import NURSE_STATION, STENT_DI, STORE, new_key, udi
from tracer.access.rules import Role

SYRINGES = {"material": "WZ000002", "lot": "L1", "quantity": 2}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    roles: frozenset[str]
    body: Callable[[], dict[str, Any]] | None = None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def path_in(self, ward: Ward) -> str:
        """The path with records that exist."""
        if "{scan}" in self.path:
            return self.path.format(scan=scan_of(ward))
        if "{order_no}" in self.path:
            order = ward.post("/orders", _order() | {"order_no": "O-1"}, role="his")
            assert order.status_code == 201, order.text
        return self.path.format(order_no="O-1", ref="E1")

    def call(self, ward: Ward, role: str | None, path: str | None = None, **changes: Any) -> TestResponse:
        """The request; a change to `...` leaves the field out."""
        path = path if path is not None else self.path_in(ward)
        if self.method == "GET":
            return ward.get(path, role=role)
        body = self.body() | changes if self.body else None
        return ward.post(path, {k: v for k, v in body.items() if v is not ...} if body else None, role=role)

    @property
    def someone(self) -> str:
        """A role that may use it in the whole hospital."""
        return "admin"


def scan_of(ward: Ward) -> int:
    answer = ward.scan(udi(STENT_DI, lot="A1", serial="S1")).get_json()
    assert answer["outcome"] == "charged"
    return int(answer["scan"])


def _key() -> dict[str, Any]:
    return {"idempotency_key": new_key("api")}


def _scan() -> dict[str, Any]:
    return _key() | {
        "raw": udi(STENT_DI, lot="A1", serial="S2"),
        "location": NURSE_STATION,
        "encounter": "E1",
        "device": "scanner 7",
        "scanned_at": "2026-03-10T11:59:00+08:00",
        "override_reason": "需要",
    }


def _parse() -> dict[str, Any]:
    return {"raw": udi(STENT_DI, lot="a1"), "caps_lock": True}


def _order() -> dict[str, Any]:
    return _key() | {
        "order_no": "O-2",
        "encounter": "E1",
        "location": NURSE_STATION,
        "lines": [{"order_code": "YZB001", "quantity": 1}],
        "patient_name": "张三",
        "bed": "12",
        "ordered_at": "2026-03-10T09:00:00+08:00",
    }


def _document() -> dict[str, Any]:
    return _key() | {"document": "D-1", "occurred_at": "2026-03-10T09:00:00+08:00"}


def _receipt() -> dict[str, Any]:
    line = {"material": "WZ000001", "quantity": 2, "lot": "A2", "units": ["N1", "N2"]}
    line |= {"expiry": "2028-02-29", "unit_cost": "12800.00"}
    return _document() | {"location": STORE, "supplier": "SUP1", "lines": [line], "ownership": "OWNED"}


def _send() -> dict[str, Any]:
    return _document() | {"origin": STORE, "target": NURSE_STATION, "lines": [SYRINGES], "reason": "-"}


def _leave() -> dict[str, Any]:
    return _document() | {"origin": STORE, "lines": [SYRINGES], "reason": "破损"}


def _count() -> dict[str, Any]:
    line = {"material": "WZ000002", "lot": "L1", "counted": 49}
    return _document() | {"location": STORE, "lines": [line], "blind": True}


def _use() -> dict[str, Any]:
    return _document() | {"location": NURSE_STATION, "lines": [SYRINGES], "encounter": "E1"}


def _charge() -> dict[str, Any]:
    where = {"encounter": "E1", "location": NURSE_STATION}
    return _document() | where | {"system": "billing", "code": "JF000002", "quantity": 2}


def _reversal() -> dict[str, Any]:
    return _key() | {"reason": "扫错"}


BEDSIDE = frozenset({"nurse", "admin"})
STOCK = frozenset({"storekeeper", "procurement", "admin"})
FEED = frozenset({"his", "admin"})
ANYBODY = frozenset(Role)

ROUTES = (
    Route("POST", "/scans", BEDSIDE, _scan),
    Route("POST", "/scans/parse", ANYBODY, _parse),
    Route("POST", "/scans/{scan}/reversal", BEDSIDE, _reversal),
    Route("GET", "/encounters/{ref}", BEDSIDE | {"auditor"}),
    Route("POST", "/uses", STOCK, _use),
    Route("POST", "/charges", FEED, _charge),
    Route("POST", "/orders", FEED, _order),
    Route("POST", "/orders/{order_no}/end", BEDSIDE | FEED),
    Route("GET", "/orders/{order_no}", BEDSIDE | FEED | {"auditor"}),
    Route("POST", "/receipts", STOCK, _receipt),
    Route("POST", "/issues", STOCK, _send),
    Route("POST", "/transfers", STOCK, _send),
    Route("POST", "/supplier-returns", STOCK, _leave),
    Route("POST", "/write-offs", STOCK, _leave),
    Route("POST", "/counts", STOCK, _count),
)
KEYED = tuple(route for route in ROUTES if route.body is not None and "idempotency_key" in route.body())
