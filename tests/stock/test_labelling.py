"""Labels of pieces: who may print which, that a second print is told, and that each can be read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from scanners.inhouse import InHouse
from tests.scanners.label_readers import by_zbar, opened, pdf_pages
from tests.scanners.zpl_printer import print_zpl
from tests.small_hospital import NURSE_STATION, STENT_DI, STORE, SmallHospital, new_key, udi
from tracer.access.audit import broken_links
from tracer.access.rules import Actor, Grant, Role
from tracer.shared.errors import Forbidden, Invalid
from tracer.stock.documents import Line
from tracer.stock.errors import (
    LabelTooSmall,
    NoChineseFont,
    NothingToLabel,
    ReasonNeeded,
    SheetInLabelPrinter,
    UnknownLabel,
)
from tracer.stock.labelling import PrintLabels, print_labels, specimen
from tracer.stock.pieces import list_batches, pieces_by_label, pieces_of_batch
from tracer.stock.places import get_place, list_places
from tracer.stock.receiving import ReceiptLine, Receive, receive
from tracer.stock.rules import MovementKind, Ownership, asks_why
from tracer.stock.sending import Send, send


def labels_at(hospital: SmallHospital, location: str) -> list[str]:
    """The labels of the pieces there, in the order of their numbers."""
    batch = batches(hospital, location)[0]
    return [piece.label for piece in of(hospital, batch)]


def batches(hospital: SmallHospital, location: str = "", **wanted: Any) -> list[Any]:
    session, keeper = hospital.session, hospital.keeper
    places = (
        [get_place(session, keeper, "receive", location)]
        if location
        else list_places(session, keeper, "receive")
    )
    clock = hospital.clock
    found = list_batches(session, places, zone=clock.zone, today=clock.now().date(), **wanted)
    return list(found.batches)


def of(hospital: SmallHospital, batch: Any) -> list[Any]:
    place = get_place(hospital.session, hospital.keeper, "receive", batch.location)
    return pieces_of_batch(
        hospital.session,
        place,
        item_id=batch.item_id,
        lot=batch.lot,
        day=batch.day,
        zone=hospital.clock.zone,
    )


def prints(
    hospital: SmallHospital,
    labels: list[str],
    *,
    actor: Actor | None = None,
    stock: str = "40x30",
    **how: Any,
) -> Any:
    return print_labels(
        hospital.session,
        actor or hospital.keeper,
        PrintLabels(labels=tuple(labels), stock=stock, **how),
        hospital.clock,
    )


def audited(hospital: SmallHospital, label: str) -> list[Any]:
    return hospital.session.execute(
        text(
            "SELECT action, person_id, at, before, after, why FROM audit_entry"
            " WHERE subject = 'unit' AND subject_id = :label ORDER BY id"
        ),
        {"label": label},
    ).all()


def test_a_delivery_is_listed_where_it_lies_now(hospital: SmallHospital):
    """Twenty stents were received, and half of them issued to the ward."""
    found = {batch.location: batch for batch in batches(hospital)}
    assert set(found) == {STORE, NURSE_STATION}
    one = found[STORE]
    assert (one.material, one.name, one.lot, one.expiry) == ("WZ000001", "冠脉支架", "A1", date(2028, 1, 31))
    assert (one.pieces, one.unprinted, one.day) == (10, 10, hospital.clock.now().date())
    assert [piece.serial for piece in of(hospital, one)] == [f"S{n}" for n in range(11, 21)]


def test_a_pdf_says_the_labels_of_the_pieces(hospital: SmallHospital, zbar: str):
    labels = labels_at(hospital, STORE)
    made = prints(hospital, labels)
    assert made.mimetype == "application/pdf" and made.name == "labels-20260310-120000.pdf"
    pages = pdf_pages(made.content)
    assert [seen.text for page in pages for seen in by_zbar(page)] == labels


def test_a_label_says_name_model_lot_and_expiry(hospital: SmallHospital, cjk_font: str):
    labels = labels_at(hospital, STORE)[:1]
    import pypdfium2

    document = pypdfium2.PdfDocument(prints(hospital, labels).content)
    said = document[0].get_textpage().get_text_range().splitlines()
    document.close()
    assert said == ["冠脉支架", "标准", "批号 A1", "效期 2028-01-31", labels[0]]


def test_a_label_printer_is_told_the_same(hospital: SmallHospital, zbar: str, cjk_font: str):
    labels = labels_at(hospital, STORE)[:3]
    made = prints(hospital, labels, format="zpl")
    printed = print_zpl(made.content)
    assert [by_zbar(one.picture)[0].text for one in printed] == labels
    assert [one.texts[-1].text for one in printed] == labels
    assert made.name.endswith(".zpl") and all(one.picture.size == (320, 240) for one in printed)


def test_what_was_printed_and_by_whom_is_in_the_audit(hospital: SmallHospital):
    labels = labels_at(hospital, STORE)[:2]
    prints(hospital, labels)
    for label in labels:
        (entry,) = audited(hospital, label)
        assert (entry.action, entry.person_id) == ("print_label", hospital.keeper.id)
        assert (entry.before, entry.why) == ({"printed": 0}, None)
        assert entry.after == {"printed": 1, "stock": "40x30", "format": "pdf"}
    assert broken_links(hospital.session) == []
    (one,) = [batch for batch in batches(hospital) if batch.location == STORE]
    assert (one.pieces, one.unprinted) == (10, 8)
    first = of(hospital, one)[0]
    assert (first.printed, first.printed_by_id) == (1, hospital.keeper.id)
    assert first.printed_at == hospital.clock.now()


def test_a_second_print_says_why(hospital: SmallHospital):
    labels = labels_at(hospital, STORE)[:2]
    prints(hospital, labels[:1])
    hospital.advance(minutes=30)
    before = hospital.count("audit_entry")
    for blank in ("", "  ", "\t\n"):
        with pytest.raises(ReasonNeeded) as refused:
            prints(hospital, labels, why=blank)
        assert refused.value.data["label"] == labels[0]
    assert hospital.count("audit_entry") == before  # not even for the piece that had none
    prints(hospital, labels, why="  标签\n破损 ")
    first, second = audited(hospital, labels[0])
    assert (second.why, second.before, second.after["printed"]) == ("标签 破损", {"printed": 1}, 2)
    assert second.at - first.at == timedelta(minutes=30)
    assert len(audited(hospital, labels[1])) == 1


def test_a_jammed_printer_is_not_asked_why_but_told(hospital: SmallHospital):
    """Within two minutes, by the same hand; another hand is asked at once."""
    labels = labels_at(hospital, STORE)[:1]
    prints(hospital, labels)
    hospital.advance(minutes=1)
    prints(hospital, labels)
    assert len(audited(hospital, labels[0])) == 2
    with pytest.raises(ReasonNeeded):
        prints(hospital, labels, actor=hospital.people["procurement"])
    hospital.advance(minutes=3)
    with pytest.raises(ReasonNeeded):
        prints(hospital, labels)


@pytest.mark.parametrize(
    ("ago", "same", "asked"), [(None, True, False), (1, True, False), (3, True, True), (1, False, True)]
)
def test_when_a_reason_is_asked(hospital: SmallHospital, ago: int | None, same: bool, asked: bool):
    now = hospital.clock.now()
    printed_at = None if ago is None else now - timedelta(minutes=ago)
    assert asks_why(printed_at, 1, 1 if same else 2, now) is asked


def test_only_who_receives_goods_prints_labels(hospital: SmallHospital):
    labels = labels_at(hospital, STORE)[:1]
    for role in (Role.NURSE, Role.FINANCE, Role.AUDITOR, Role.SUPPLIER, Role.HIS):
        with pytest.raises(Forbidden):
            prints(hospital, labels, actor=hospital.people[role])
        with pytest.raises(Forbidden):
            specimen(hospital.session, hospital.people[role], labels[0], "40x30", "code128", 203, None)
    for role in (Role.PROCUREMENT, Role.ADMIN):
        prints(hospital, labels, actor=hospital.people[role], why="试")


def test_a_piece_out_of_scope_is_answered_like_one_that_is_not(hospital: SmallHospital):
    cardiology = Actor(hospital.keeper.id, "k", "k", (Grant(Role.STOREKEEPER, "/HOSP/CARD/"),))
    here, elsewhere = labels_at(hospital, NURSE_STATION), labels_at(hospital, STORE)
    prints(hospital, here[:1], actor=cardiology)
    for label in (elsewhere[0], "TR000000999996", "", "S11", "%"):
        with pytest.raises(UnknownLabel):
            prints(hospital, [*here[1:2], label], actor=cardiology)
        with pytest.raises(UnknownLabel):
            specimen(hospital.session, cardiology, label, "40x30", "code128", 203, None)
    assert not audited(hospital, here[1]) and not audited(hospital, elsewhere[0])


def test_a_piece_that_is_used_or_gone_gets_no_label(hospital: SmallHospital):
    label, other = labels_at(hospital, NURSE_STATION)[:2]
    serial = next(piece.serial for piece in pieces_by_label(hospital.session, _all(hospital), [label]))
    assert hospital.scan(udi(STENT_DI, lot="A1", serial=serial))["outcome"] == "charged"
    with pytest.raises(UnknownLabel):
        prints(hospital, [label])
    assert label not in [piece.label for piece in of(hospital, batches(hospital, NURSE_STATION)[0])]
    _leave(hospital, MovementKind.WRITE_OFF, other)
    with pytest.raises(UnknownLabel):
        prints(hospital, [other])


def _all(hospital: SmallHospital) -> list[Any]:
    return list_places(hospital.session, hospital.keeper, "receive")


def _leave(hospital: SmallHospital, kind: MovementKind, label: str) -> None:
    command = Send(
        key=new_key("bs"),
        kind=kind,
        origin=NURSE_STATION,
        document="BS1",
        lines=(Line(material="WZ000001", quantity=1, lot="A1", units=(label,)),),
        reason="破损",
    )
    send(hospital.session, hospital.keeper, command, hospital.clock)


def test_a_consigned_piece_has_its_label_before_it_moves(hospital: SmallHospital):
    command = Receive(
        key=new_key("rk"),
        location=STORE,
        supplier="SUP1",
        document="JS1",
        ownership=Ownership.CONSIGNED,
        lines=(ReceiptLine(material="WZ000001", quantity=2, lot="C9", expiry=date(2027, 5, 31)),),
    )
    made = receive(hospital.session, hospital.keeper, command, hospital.clock)
    (batch,) = batches(hospital, search="JS1")  # by the number of the delivery
    assert (batch.lot, batch.location, batch.pieces) == ("C9", STORE, 2)
    assert [piece.label for piece in of(hospital, batch)] == made["labels"]
    assert prints(hospital, made["labels"]).content


@pytest.mark.parametrize("search", ["RK1", "A1", "WZ000001", "JF000001", "冠脉", "S12"])
def test_a_batch_is_found_by_what_stands_on_paper_or_pack(hospital: SmallHospital, search: str):
    found = batches(hospital, search=search)
    assert {batch.name for batch in found} == {"冠脉支架"} and STORE in {batch.location for batch in found}


@pytest.mark.parametrize("search", ["CK1", "%", "_", "\\", "'", "WZ00000"])
def test_a_search_is_taken_literally(hospital: SmallHospital, search: str):
    assert batches(hospital, search=search) == []


def test_a_list_of_what_is_left_to_print(hospital: SmallHospital):
    prints(hospital, labels_at(hospital, STORE))
    assert {batch.location for batch in batches(hospital, unprinted=True)} == {NURSE_STATION}
    assert {batch.location for batch in batches(hospital)} == {STORE, NURSE_STATION}


def test_a_lists_page_is_one_statement_and_goes_on(hospital: SmallHospital, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tracer.stock.pieces.BATCHES", 1)
    first, second = batches(hospital, page=1), batches(hospital, page=2)
    assert len(first) == len(second) == 1 and first[0].location != second[0].location


def test_the_same_label_twice_is_printed_once(hospital: SmallHospital):
    label = labels_at(hospital, STORE)[0]
    assert prints(hospital, [label, label]).pieces == 1
    assert len(audited(hospital, label)) == 1


@pytest.mark.parametrize(
    ("how", "refusal"),
    [
        ({"stock": "A5"}, Invalid),
        ({"format": "png"}, Invalid),
        ({"symbology": "gs1-128"}, Invalid),
        ({"dpi": 72}, Invalid),
        ({"start": 2}, Invalid),
        ({"stock": "L7160", "start": 22}, Invalid),
        ({"stock": "L7160", "start": 0}, Invalid),
        ({"stock": "L7160", "format": "zpl"}, SheetInLabelPrinter),
        ({"why": "x" * 201}, Invalid),
        ({"labels": ()}, NothingToLabel),
        ({"labels": tuple(f"TR{n:012}" for n in range(1001))}, Invalid),
    ],
)
def test_what_cannot_be_printed_is_refused_and_not_recorded(hospital: SmallHospital, how: Any, refusal: Any):
    before = hospital.count("audit_entry")
    command = {"labels": tuple(labels_at(hospital, STORE)[:1]), "stock": "40x30"} | how
    with pytest.raises(refusal):
        print_labels(hospital.session, hospital.keeper, PrintLabels(**command), hospital.clock)
    assert hospital.count("audit_entry") == before


def test_a_name_too_long_for_its_label_is_shortened_and_a_lot_is_not(hospital: SmallHospital):
    label = labels_at(hospital, STORE)[0]
    _rename(hospital, "药物洗脱冠状动脉支架系统" * 20)
    assert prints(hospital, [label]).content
    hospital.session.execute(
        text("UPDATE unit SET lot = :lot WHERE label = :label"), {"lot": "L" * 190, "label": label}
    )
    _rename(hospital, "支架")
    hospital.session.execute(text("UPDATE item SET specification = '', model = ''"))
    with pytest.raises(LabelTooSmall) as refused:
        prints(hospital, [label], stock="L7651", why="试")
    assert refused.value.data == {"label": label, "stock": "L7651"}


def _rename(hospital: SmallHospital, name: str) -> None:
    hospital.session.execute(
        text("UPDATE item SET name = :name WHERE id = :id"), {"name": name, "id": hospital.items["stent"]}
    )


@pytest.mark.parametrize("name", ["支架\u3000（大）", "支架\u200b\u202e\x07", "Stent\t3.0", "\u2060"])
def test_a_name_from_a_spreadsheet_never_keeps_a_label_from_being_printed(hospital: SmallHospital, name: str):
    label = labels_at(hospital, STORE)[0]
    _rename(hospital, name)
    assert prints(hospital, [label]).content


def test_without_a_chinese_font_a_pdf_is_printed_and_a_label_printer_is_not(
    hospital: SmallHospital, monkeypatch: pytest.MonkeyPatch
):
    from scanners.labels import fonts

    monkeypatch.setattr(fonts, "find_chinese_font", lambda: None)
    monkeypatch.setattr(fonts, "picture_font", fonts.PictureFont)
    labels = labels_at(hospital, STORE)[:1]
    assert prints(hospital, labels).content
    with pytest.raises(NoChineseFont):
        prints(hospital, labels, format="zpl", why="试")


def test_a_specimen_names_no_piece_and_is_not_recorded(hospital: SmallHospital, zbar: str, cjk_font: str):
    label = labels_at(hospital, STORE)[0]
    before = hospital.count("audit_entry")
    for stock in ("40x30", "L7651", "100x70"):
        png = specimen(hospital.session, hospital.keeper, label, stock, "code128", 203, None)
        assert [seen.text for seen in by_zbar(opened(png))] == ["TR000000000024"]
    assert hospital.count("audit_entry") == before
    assert not pieces_by_label(hospital.session, _all(hospital), ["TR000000000024"])


def test_another_houses_prefix_stands_on_its_labels(hospital: SmallHospital, zbar: str):
    house = InHouse(prefix="XY")
    command = Receive(
        key=new_key("rk"),
        location=STORE,
        supplier="SUP1",
        document="RK9",
        lines=(ReceiptLine(material="WZ000001", quantity=1, lot="A9"),),
    )
    (label,) = receive(hospital.session, hospital.keeper, command, hospital.clock, house)["labels"]
    made = print_labels(
        hospital.session,
        hospital.keeper,
        PrintLabels(labels=(label,), stock="60x40"),
        hospital.clock,
        house,
    )
    assert label.startswith("XY")
    assert [seen.text for page in pdf_pages(made.content) for seen in by_zbar(page)] == [label]


def test_a_thousand_labels_are_printed_and_recorded_at_once(hospital: SmallHospital):
    command = Receive(
        key=new_key("rk"),
        location=STORE,
        supplier="SUP1",
        document="RK1000",
        lines=(ReceiptLine(material="WZ000001", quantity=1000, lot="K1"),),
    )
    labels = receive(hospital.session, hospital.keeper, command, hospital.clock)["labels"]
    made = prints(hospital, labels, stock="L7160")
    assert made.pieces == 1000 and len(pdf_pages(made.content, dpi=20)) == 48
    entries = hospital.session.execute(
        text("SELECT count(DISTINCT subject_id) FROM audit_entry WHERE action = 'print_label'")
    ).scalar_one()
    assert entries == 1000
    (batch,) = batches(hospital, search="RK1000")
    assert (batch.pieces, batch.unprinted) == (1000, 0)


def test_the_audit_holds_no_more_than_it_says(hospital: SmallHospital):
    label = labels_at(hospital, STORE)[0]
    prints(hospital, [label])
    (entry,) = audited(hospital, label)
    assert json.dumps([entry.before, entry.after], sort_keys=True) == (
        '[{"printed": 0}, {"format": "pdf", "printed": 1, "stock": "40x30"}]'
    )
