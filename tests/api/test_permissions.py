"""Who may use which route, and where: every route with every role, and with nobody."""

from __future__ import annotations

import re

import pytest

from tests.api.routes import KEYED, ROUTES, Route, scan_of
from tests.api.ward import Ward, problem
from tests.small_hospital import NURSE_STATION, OTHER_WARD, STENT_DI, STORE, new_key, udi
from tracer.access.rules import Role

ROOMS = ("charging_api.", "orders_api.", "stock_api.")
VARIABLE = re.compile("<(int:)?")
by_name = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


def test_the_table_holds_every_route_of_these_rooms(ward: Ward) -> None:
    served = {
        f"{method} {VARIABLE.sub('{', rule.rule.removeprefix('/api/v1')).replace('>', '}')}"
        for rule in ward.client.application.url_map.iter_rules()
        if rule.endpoint.startswith(ROOMS)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {route.name for route in ROUTES}


@pytest.mark.parametrize("role", list(Role))
@by_name
def test_a_role_may_exactly_what_the_table_says(ward: Ward, route: Route, role: Role) -> None:
    path = route.path_in(ward)
    before = ward.rows()
    answer = route.call(ward, role, path)
    if role in route.roles:
        assert answer.status_code in (200, 201), answer.text
    else:
        problem(answer, 403, "forbidden")
        assert ward.rows() == before


@by_name
def test_nobody_is_let_in_without_a_token_that_lives(ward: Ward, route: Route) -> None:
    path = route.path_in(ward)
    before = ward.rows()
    for answer in (
        route.call(ward, None, path),
        ward.client.open(f"/api/v1{path}", method=route.method, headers={"Authorization": "Bearer nonsense"}),
    ):
        problem(answer, 401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert ward.rows() == before


# Where a request says where: its field, and who is tried.
PLACES = [
    ("/scans", "location", Role.NURSE),
    ("/uses", "location", Role.STOREKEEPER),
    ("/charges", "location", Role.HIS),
    ("/orders", "location", Role.HIS),
    ("/receipts", "location", Role.STOREKEEPER),
    ("/issues", "origin", Role.STOREKEEPER),
    ("/issues", "target", Role.STOREKEEPER),
    ("/transfers", "origin", Role.STOREKEEPER),
    ("/transfers", "target", Role.STOREKEEPER),
    ("/supplier-returns", "origin", Role.STOREKEEPER),
    ("/write-offs", "origin", Role.STOREKEEPER),
    ("/counts", "location", Role.STOREKEEPER),
]


@pytest.mark.parametrize(("path", "field", "role"), PLACES)
def test_a_place_out_of_scope_is_answered_like_one_that_is_not(
    ward: Ward, path: str, field: str, role: Role
) -> None:
    ward.device("cardiology", role, "/HOSP/CARD/")
    route = next(route for route in KEYED if route.path == path)
    inside = {name: NURSE_STATION for name in ("origin", "target") if name in route.body()}
    before = ward.rows()
    refused = [
        problem(route.call(ward, "cardiology", **inside | {field: place}), 404, "unknown_location")
        for place in (OTHER_WARD, "NOWHERE", "SUPPLIER", "PATIENT")
    ]
    texts = {one["detail"].replace(one["location"], "…") for one in refused}
    assert len(texts) == 1
    assert ward.rows() == before


@pytest.mark.parametrize(("path", "field", "role"), PLACES)
def test_a_department_holds_no_stock(ward: Ward, path: str, field: str, role: Role) -> None:
    route = next(route for route in KEYED if route.path == path)
    problem(route.call(ward, "admin", **{field: "CARD"}), 422, "no_stock_here")


def test_a_scan_of_another_ward_cannot_be_undone_from_here(ward: Ward) -> None:
    made = ward.scan(udi(STENT_DI, lot="A1", serial="S3"), role="admin", location=OTHER_WARD).get_json()
    for scan in (made["scan"], 10**9):
        answer = ward.post(f"/scans/{scan}/reversal", {"idempotency_key": new_key()})
        problem(answer, 404, "unknown_scan")
    assert ward.hospital.on_hand("stent", OTHER_WARD) == 0


def test_an_order_of_another_ward_is_not_there(ward: Ward) -> None:
    route = next(route for route in KEYED if route.path == "/orders")
    assert route.call(ward, "his", location=OTHER_WARD, order_no="O-9").status_code == 201
    for order_no in ("O-9", "NO-SUCH"):
        problem(ward.get(f"/orders/{order_no}"), 404, "unknown_order")
        problem(ward.post(f"/orders/{order_no}/end"), 404, "unknown_order")
    assert ward.get("/orders/O-9", role="his").get_json()["ended_at"] is None


def test_a_piece_is_brought_from_another_shelf_whoever_may_act_there(ward: Ward) -> None:
    """The bedside is never stopped by the book: the piece is evidently here."""
    assert ward.hospital.on_hand("stent", STORE) == 10
    assert ward.scan(udi(STENT_DI, lot="A1", serial="S15")).get_json()["outcome"] == "charged"
    assert ward.hospital.on_hand("stent", STORE) == 9


def test_a_scan_of_mine_is_undone_by_me(ward: Ward) -> None:
    answer = ward.post(f"/scans/{scan_of(ward)}/reversal", {"idempotency_key": new_key()})
    assert answer.status_code == 201
