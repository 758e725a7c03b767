"""`tracer sample describe`: every scan it names is charged at this moment."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from fixtures.describing import NoSample, describe
from scanners import parse
from tracer.access.operator import OPERATOR
from tracer.charging.bedside import RecordScan
from tracer.charging.recording_scans import record_scan
from tracer.shared.clock import SetClock


def test_it_says_what_a_client_needs(sample: Engine, sample_clock: SetClock) -> None:
    with Session(sample) as session:
        found = describe(session, sample_clock)
    assert json.loads(json.dumps(found)) == found
    assert found["locations"][0] == "CATH"
    assert found["locations"][-1] == "STORE"
    assert len(found["encounters"]) >= 40
    assert len(found["days"]) == 14
    assert len(found["items"]) == 135
    assert {"id", "business_date", "location", "material", "cause", "units", "note"} <= set(
        found["planted"][0]
    )
    assert all(item["scans"] and item["name"] for item in found["items"])
    assert len({item["codes"]["material"] for item in found["items"]}) == 135
    components = {part["material"] for bundle in found["bundles"] for part in bundle["components"]}
    assert components <= {item["codes"]["material"] for item in found["items"]}
    assert len(found["bundles"]) == 8


def test_every_piece_in_stock_can_be_scanned_once_and_is_charged(
    sample: Engine, sample_clock: SetClock
) -> None:
    with Session(sample) as session:
        found = describe(session, sample_clock)
        in_stock = session.execute(
            text("""
                SELECT sum(b.quantity) FROM balance b JOIN item i ON i.id = b.item_id
                 WHERE i.tracking = 'SERIAL'
            """)
        ).scalar_one()
        pieces = [scan for item in found["items"] if item["tracking"] == "SERIAL" for scan in item["scans"]]
        assert len(pieces) == len(set(pieces)) == in_stock >= 600
        number = 0
        for item in found["items"]:
            for raw, place in zip(item["scans"], item["at"], strict=True):
                number += 1
                command = RecordScan(
                    key=f"try-{number}",
                    raw=raw.encode(),
                    location=place.split()[0],
                    encounter=found["encounters"][number % 40],
                )
                answer = record_scan(session, OPERATOR, command, sample_clock)
                assert answer["outcome"] == ("charged" if item["chargeable"] else "used"), (raw, answer)
                assert answer["item"]["codes"] == item["codes"]
                if item["chargeable"]:
                    assert answer["charge"]["unit_price"] == item["unit_price"]
        again = RecordScan(
            key="again", raw=pieces[0].encode(), location="CATH", encounter=found["encounters"][0]
        )
        assert record_scan(session, OPERATOR, again, sample_clock)["outcome"] == "refused"


def test_a_unit_carries_gtin_expiry_lot_and_serial_or_a_label_of_the_house(
    sample: Engine, sample_clock: SetClock
) -> None:
    with Session(sample) as session:
        found = describe(session, sample_clock)
    readings = [
        parse(raw.encode(), today=sample_clock.now().date())
        for item in found["items"]
        if item["tracking"] == "SERIAL"
        for raw in item["scans"]
    ]
    makers = [one for one in readings if one.agency == "GS1"]
    assert len(makers) > 600
    assert all(one.symbology == "]d2" and one.lot and one.serial and one.expiry for one in makers)
    assert {str(one.agency) for one in readings} == {"GS1", "INHOUSE"}


def test_without_a_sample_it_says_so(session: Session, sample_clock: SetClock) -> None:
    with pytest.raises(NoSample):
        describe(session, sample_clock)
