"""Who may do what, and where."""

from __future__ import annotations

import pytest

from tracer.access.rules import GRANTED, Action, Actor, Grant, Role
from tracer.access.words import ACTION_NAMES, ROLE_NAMES
from tracer.shared.errors import Forbidden

# The decision itself, written a second time: a change of GRANTED is a change here, made by hand.
# Columns in the order of COLUMNS; x: may.
COLUMNS = (Role.NURSE, Role.STOREKEEPER, Role.PROCUREMENT, Role.FINANCE, Role.INSURANCE_OFFICE)
COLUMNS += (Role.SUPPLIER, Role.AUDITOR, Role.ADMIN, Role.HIS)
MATRIX = """
                  nurse store procu finan insur suppl audit admin his
scan              x     .     .     .     .     .     .     x     .
override_safety   x     .     .     .     .     .     .     x     .
view_encounter    x     .     .     .     .     .     x     x     .
place_order       .     .     .     .     .     .     .     x     x
end_order         x     .     .     .     .     .     .     x     x
post_charge       .     .     .     .     .     .     .     x     x
receive           .     x     x     .     .     .     .     x     .
issue             .     x     x     .     .     .     .     x     .
count             .     x     x     .     .     .     .     x     .
write_off         .     x     x     .     .     .     .     x     .
post_use          .     x     x     .     .     .     .     x     .
view_stock        x     x     x     x     x     .     x     x     .
view_codes        x     x     x     x     x     .     x     x     x
import_codes      .     .     x     .     .     .     .     x     .
settle_codes      .     .     x     .     x     .     .     x     .
approve_codes     .     .     .     x     x     .     .     x     .
propose_price     .     .     x     .     .     .     .     x     .
approve_price     .     .     .     x     x     .     .     x     .
view_variance     .     .     x     x     x     .     x     x     .
view_mismatches   .     .     x     x     x     .     x     x     .
close_day         .     .     .     x     .     .     .     x     .
manage_people     .     .     .     .     .     .     .     x     .
manage_exchange   .     .     .     .     .     .     .     x     .
view_suppliers    .     .     x     x     x     .     x     x     .
manage_suppliers  .     .     x     .     .     .     .     x     .
supply            .     .     .     .     .     x     .     .     .
"""
ROWS = {line.split()[0]: line.split()[1:] for line in MATRIX.strip().splitlines()[1:]}
CELLS = [
    (role, Action(action), marks[place] == "x")
    for action, marks in ROWS.items()
    for place, role in enumerate(COLUMNS)
]


def actor(*grants: Grant) -> Actor:
    return Actor(101, "somebody", "Somebody", grants)


def test_the_matrix_knows_every_role_and_every_action():
    assert set(COLUMNS) == set(Role) == set(GRANTED)
    assert set(ROWS) == {action.value for action in Action}


@pytest.mark.parametrize(("role", "action", "allowed"), CELLS)
def test_a_role_may_exactly_what_the_matrix_says(role: Role, action: Action, allowed: bool):
    somebody = actor(Grant(role))
    assert somebody.may(action) is allowed
    assert somebody.may(action, at="/HOSP/CARD/CARD-W1/") is allowed
    if not allowed:
        with pytest.raises(Forbidden):
            somebody.must(action)


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/HOSP/CARD/", True),
        ("/HOSP/CARD/CARD-W1/", True),
        ("/HOSP/CARD/CARD-W1/CABINET/", True),
        ("/HOSP/CARD2/", False),  # begins with the same letters
        ("/HOSP/", False),  # above
        ("/HOSP/SURG/", False),
        ("/", False),
        ("", False),
    ],
)
def test_a_scope_is_a_place_and_all_below_it(path: str, covered: bool):
    assert actor(Grant(Role.NURSE, "/HOSP/CARD/")).may(Action.SCAN, at=path) is covered


def test_a_role_held_elsewhere_lends_nothing_here():
    both = actor(Grant(Role.NURSE, "/HOSP/CARD/"), Grant(Role.STOREKEEPER, "/HOSP/STORE/"))
    assert both.may(Action.SCAN, at="/HOSP/CARD/") and both.may(Action.COUNT, at="/HOSP/STORE/")
    assert not both.may(Action.COUNT, at="/HOSP/CARD/")
    assert not both.may(Action.SCAN, at="/HOSP/STORE/")
    assert both.scopes(Action.VIEW_STOCK) == ("/HOSP/CARD/", "/HOSP/STORE/")


def test_nobody_without_a_role_may_anything():
    assert not any(actor().may(action) for action in Action)


def test_every_role_and_action_has_a_name_in_both_languages():
    for names in (ROLE_NAMES, ACTION_NAMES):
        assert all(zh and en and zh != en for zh, en in names.values())
    assert set(ROLE_NAMES) == set(Role) and set(ACTION_NAMES) == set(Action)
