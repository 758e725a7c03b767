"""`POST /scans/parse`: what a scan says, to anybody who is signed in, and nothing is recorded."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scanners import parse
from scanners.inhouse import make
from tests.api.test_bad_input import NASTY, is_decent
from tests.api.ward import Ward, problem
from tests.small_hospital import STENT_DI, TODAY, udi


def said(ward: Ward, **body: Any) -> dict[str, Any]:
    response = ward.post("/scans/parse", body)
    assert response.status_code == 200, response.text
    return response.get_json()


@pytest.mark.parametrize(
    "raw",
    [
        udi(STENT_DI, lot="A1", serial="S1"),
        make(42),
        "6901234567892",
        "hello",
        "",
        "\x00",
        "Ａ１",
        "🩺" * 4000,
    ],
)
def test_it_says_what_the_parser_says(ward: Ward, raw: str) -> None:
    rows = ward.rows()
    answer = said(ward, raw=raw)
    del answer["sentences"]
    assert answer == parse(raw, today=TODAY).as_dict()
    assert ward.rows() == rows


def test_caps_lock_is_taken_back_and_raw_stays_as_it_came(ward: Ward) -> None:
    raw = udi(STENT_DI, lot="LOT42A").swapcase()
    answer = said(ward, raw=raw, caps_lock=True)
    assert (answer["raw"], answer["lot"], answer["repairs"]) == (raw, "LOT42A", ["case_flipped"])


def test_bytes_that_are_no_text_come_back_as_they_were(ward: Ward) -> None:
    answer = said(ward, raw_b64=base64.b64encode(b"\xff\xfe]d2").decode())
    assert answer["raw"].encode("utf-8", "surrogateescape") == b"\xff\xfe]d2"


def test_what_was_mended_and_what_is_wrong_is_told_in_the_readers_language(ward: Ward) -> None:
    headers = ward.headers("nurse")
    for language, mended, wrong in (("zh", "分隔符", "校验位"), ("en", "separator", "check digit")):
        told = {"headers": headers | {"Accept-Language": language}}
        raw = "]d20106901234567892" + "10A1<GS>21S1"
        answer = ward.client.post("/api/v1/scans/parse", json={"raw": raw}, **told).get_json()
        assert answer["repairs"] == ["gs_replaced"]
        assert mended in answer["sentences"]["repairs"][0] and answer["sentences"]["error"] is None
        faulty = ward.client.post("/api/v1/scans/parse", json={"raw": "06901234567893"}, **told).get_json()
        assert wrong in faulty["sentences"]["error"]


def test_an_ambiguous_text_comes_with_its_readings(ward: Ward) -> None:
    answer = said(ward, raw=f"]d201{STENT_DI}10ABC02921S1")
    assert answer["error"]["code"] == "ambiguous"
    assert [one["serial"] for one in answer["readings"]] == [None, "S1"]


@pytest.mark.parametrize("name", ["raw", "raw_b64", "caps_lock"])
@pytest.mark.parametrize("value", NASTY, ids=lambda value: str(value)[:12])
def test_no_value_breaks_it(ward: Ward, name: str, value: Any) -> None:
    body = {"raw": "x", name: value} if name != "raw_b64" else {name: value}
    assert is_decent(ward.post("/scans/parse", body))


def test_it_asks_for_one_raw_and_refuses_what_nobody_knows(ward: Ward) -> None:
    for body in (
        {},
        {"raw": "x", "raw_b64": "eA=="},
        {"raw": "x", "no_such_field": 1},
        {"raw": "x" * 16_385},
    ):
        problem(ward.post("/scans/parse", body), 422, "invalid_request")
