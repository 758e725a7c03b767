"""What a supplier enters: taken, unchanged or refused, row by row; and never for somebody else's item."""

from __future__ import annotations

from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy.exc import IntegrityError

from tests.catalog.suppliers.trade import (
    NEW_DI,
    NEW_INSURANCE,
    OTHER_DI,
    OTHER_INSURANCE,
    REGISTRATION,
    Trade,
    bare_item,
    workbook,
)
from tests.small_hospital import STENT_DI, SYRINGE_DI
from tracer.access.rules import Role
from tracer.catalog.bindings import ProposedBinding, approve_bindings, propose_bindings
from tracer.catalog.certificates.proposing import ProposedCertificate, propose_certificates
from tracer.catalog.pricing import ProposedPrice, propose_prices
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.catalog.suppliers.assigning import end_items, end_person
from tracer.catalog.suppliers.errors import (
    DecidedAlready,
    EntryRefused,
    FileRefused,
    NoSuchItemHere,
    NoSupplier,
    UnknownEntry,
)
from tracer.catalog.suppliers.withdrawing import withdraw
from tracer.shared.errors import Forbidden

FULL = f"WZ1,{NEW_INSURANCE},{NEW_DI},{REGISTRATION},2029-12-31,12.50\n"


def test_all_four_become_proposals_of_the_suppliers_person(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    receipt = trade.upload("north", FULL)
    assert (receipt.taken, receipt.unchanged, receipt.refused) == (1, 0, 0)
    assert trade.proposed() == [
        ("wire", "certificate", f"{REGISTRATION} 2029-12-31"),
        ("wire", "insurance", NEW_INSURANCE),
        ("wire", "purchase", "12.50"),
        ("wire", "udi", NEW_DI),
    ]
    who = trade.people["north"].id
    for table in ("code_binding", "price", "certificate"):
        found = trade.all(f"SELECT proposer_id, source FROM {table} WHERE status = 'proposed'")
        assert set(found) == {(who, "S-north north 商贸")}
    assert len(trade.all("SELECT FROM supplier_entry")) == 4


def test_what_holds_or_waits_already_is_unchanged_and_proposes_nothing(trade: Trade) -> None:
    line = f"WZ000001,C02040100300003091540000010,{STENT_DI},,,\n"
    assert trade.answers(trade.upload("north", line)) == [(2, "unchanged", [])]
    assert trade.proposed() == [] and trade.all("SELECT FROM supplier_entry") == []
    bare_item(trade, "wire", "WZ1")
    trade.upload("north", FULL)
    before = trade.proposed()
    again = trade.upload("north", FULL)
    assert (again.taken, again.unchanged) == (0, 1)
    assert trade.enter("north", "wire", insurance=NEW_INSURANCE, price="12.5").unchanged == 1
    assert trade.proposed() == before and len(trade.all("SELECT FROM supplier_entry")) == 4


def test_a_second_thought_takes_the_place_of_the_first(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    trade.enter("north", "wire", insurance=NEW_INSURANCE)
    trade.enter("north", "wire", insurance=OTHER_INSURANCE)
    assert trade.proposed() == [("wire", "insurance", OTHER_INSURANCE)]
    states = trade.all("SELECT value, withdrawn_at IS NULL FROM supplier_entry ORDER BY id")
    assert states == [(NEW_INSURANCE, False), (OTHER_INSURANCE, True)]


def test_another_suppliers_item_is_one_that_does_not_exist(trade: Trade) -> None:
    """In a file, in a form, in what writes proposals: the same answer for both."""
    rows = f"WZ000003,,{NEW_DI},,,\nNO-SUCH,,{NEW_DI},,,\n"
    answers = trade.answers(trade.upload("north", rows))
    assert [outcome for _, outcome, _ in answers] == ["refused", "refused"]
    assert answers[0][2] == answers[1][2] and "none of the items you supply" in answers[0][2][0]
    refused = []
    for item in (trade.item("cotton"), 10**9):
        trade.hospital.items["asked"] = item
        with pytest.raises(NoSuchItemHere) as error:
            trade.enter("north", "asked", udi=NEW_DI)
        refused.append(error.value.message("en"))
        proposals = (
            lambda n=item: propose_bindings(
                trade.session, trade.people["north"], trade.hospital.clock,
                [ProposedBinding(item_id=n, system=CodeSystem.UDI, code=NEW_DI)],
            ),
            lambda n=item: propose_prices(
                trade.session, trade.people["north"], trade.hospital.clock,
                [ProposedPrice(item_id=n, kind=PriceKind.PURCHASE, amount=1)],
            ),
            lambda n=item: propose_certificates(
                trade.session, trade.people["north"], trade.hospital.clock,
                [ProposedCertificate(item_id=n, number=REGISTRATION, valid_until=None)],
            ),
        )  # fmt: skip
        for propose in proposals:
            with pytest.raises(NoSuchItemHere) as error:
                propose()
            refused.append(error.value.message("en"))
    assert len(set(refused)) == 1
    assert trade.proposed() == []


@pytest.mark.parametrize(
    ("propose", "wanted"),
    [
        (propose_bindings, lambda n: ProposedBinding(item_id=n, system=CodeSystem.BILLING, code="J9")),
        (propose_bindings, lambda n: ProposedBinding(item_id=n, system=CodeSystem.MATERIAL, code="W9")),
        (
            propose_bindings,
            lambda n: ProposedBinding(item_id=n, system="udi", code="J9", moves=True),
        ),
        (propose_prices, lambda n: ProposedPrice(item_id=n, kind=PriceKind.CHARGE, amount=1)),
        (propose_prices, lambda n: ProposedPrice(item_id=n, kind=PriceKind.LISTED, amount=1)),
        (
            propose_certificates,
            lambda n: ProposedCertificate(item_id=None, number=REGISTRATION, valid_until=None),
        ),
    ],
)
def test_what_is_not_a_suppliers_to_say_is_forbidden(trade: Trade, propose, wanted) -> None:
    with pytest.raises(Forbidden):
        propose(trade.session, trade.people["north"], trade.hospital.clock, [wanted(trade.item("stent"))])


def test_nobody_else_of_the_house_proposes_by_this_door(trade: Trade) -> None:
    for role in (Role.NURSE, Role.STOREKEEPER, Role.AUDITOR, Role.HIS):
        wanted = [ProposedBinding(item_id=trade.item("stent"), system=CodeSystem.UDI, code=NEW_DI)]
        with pytest.raises(Forbidden):
            propose_bindings(trade.session, trade.hospital.people[role], trade.hospital.clock, wanted)
    for role in (Role.ADMIN, Role.PROCUREMENT):
        trade.people["chief"] = trade.hospital.people[role]
        with pytest.raises(Forbidden):
            trade.enter("chief", "stent", udi=NEW_DI)


def test_who_acts_for_nobody_enters_nothing(trade: Trade) -> None:
    trade.people["new"] = trade.person("new")
    for attempt in (lambda: trade.enter("new", "stent", udi=NEW_DI), lambda: trade.upload("new", FULL)):
        with pytest.raises(NoSupplier):
            attempt()
    clock = trade.hospital.clock
    end_person(trade.session, trade.buyer, clock, trade.suppliers["north"], trade.people["north"].id)
    with pytest.raises(NoSupplier):
        trade.enter("north", "stent", udi=NEW_DI)


def test_what_is_sold_no_more_is_gone_at_once(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    (entry,) = trade.all("SELECT id FROM supplier_entry")[0]
    end_items(
        trade.session, trade.buyer, trade.hospital.clock, trade.suppliers["north"], [trade.item("stent")]
    )
    with pytest.raises(NoSuchItemHere):
        trade.enter("north", "stent", udi=OTHER_DI)
    with pytest.raises(UnknownEntry):
        withdraw(trade.session, trade.people["north"], trade.hospital.clock, entry)


BAD = {
    "27 with letters": ("WZ1,C0204010030000309154000001X,,,,\n", "医保编码: C and 26 digits"),
    "a spreadsheet's number": ("WZ1,,6.90123E+12,,,\n", "UDI-DI: a spreadsheet has turned"),
    "a lost digit": ("WZ1,,0690123456792,,,\n", "UDI-DI: wrong check digit"),
    "a whole symbol": (f"WZ1,,(01){NEW_DI}(17)290101,,,\n", "UDI-DI: is no UDI-DI"),
    "fifteen digits": ("WZ1,,069012345679221,,,\n", "UDI-DI: a UDI-DI of digits has 8, 12"),
    "not a number": ("WZ1,,,准2019,2029-12-31,\n", "注册证号: is no certificate number"),
    "no such day": (f"WZ1,,,{REGISTRATION},2029-02-30,\n", "有效期至: there is no such day"),
    "no last day": (f"WZ1,,,{REGISTRATION},,\n", "注册证号: the last day of validity"),
    "a day without number": ("WZ1,,,,2029-12-31,\n", "注册证号: a last day of validity"),
    "below zero": ("WZ1,,,,,-1\n", "供货价: an amount is not below zero"),
    "nothing to pay": ("WZ1,,,,,0\n", "供货价: an amount above 0"),
    "three decimals": ("WZ1,,,,,1.005\n", "供货价: at most two decimals"),
    "a thousand's comma": ('WZ1,,,,,"1,234.5"\n', "供货价: an amount has no commas"),
    "a formula": ("WZ1,,,,,=1+1\n", "供货价: is a formula"),
    "a formula for a code": ("WZ1,,=A1&B1,,,\n", "UDI-DI: is no UDI-DI"),
    "a bare thousand's comma": ("WZ1,,,,,1,234.5\n", ": stands under no heading"),
    "no item named": (f",{NEW_INSURANCE},,,,\n", "物资编码: must not be empty"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_row_is_refused_with_its_column_and_reason_and_the_good_one_goes_in(
    trade: Trade, bad: str
) -> None:
    bare_item(trade, "wire", "WZ1")
    line, said = BAD[bad]
    receipt = trade.upload("north", line + f"WZ000001,,{OTHER_DI},,,\n")
    (_, outcome, faults), (_, good, _) = trade.answers(receipt)
    assert (outcome, good) == ("refused", "taken")
    assert len(faults) == 1 and faults[0].startswith(said), faults
    assert trade.proposed() == [("stent", "udi", OTHER_DI)]


def test_a_bad_cell_holds_its_row_back_and_every_fault_is_told(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    receipt = trade.upload("north", f"WZ1,C12,{NEW_DI},x,2029-12-31,-3\n")
    ((_, outcome, faults),) = trade.answers(receipt)
    assert outcome == "refused" and len(faults) == 3
    assert trade.proposed() == []


def test_one_item_twice_is_refused_where_it_contradicts_itself(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    lines = f"WZ1,{NEW_INSURANCE},,,,\nWZ1,{OTHER_INSURANCE},,,,\nWZ000001,,{OTHER_DI},,,\n"
    answers = trade.answers(trade.upload("north", lines + f"WZ000001,,{OTHER_DI},,,3\n"))
    assert [outcome for _, outcome, _ in answers] == ["refused", "refused", "taken", "taken"]
    assert f'row 3 says "{OTHER_INSURANCE}" of the same item' in answers[0][2][0]
    assert f'row 2 says "{NEW_INSURANCE}" of the same item' in answers[1][2][0]
    assert trade.proposed() == [("stent", "purchase", "3.00"), ("stent", "udi", OTHER_DI)]


def test_one_code_for_two_items_is_refused_for_both(trade: Trade) -> None:
    answers = trade.answers(trade.upload("north", f"WZ000001,,{NEW_DI},,,\nWZ000002,,{NEW_DI},,,\n"))
    assert [outcome for _, outcome, _ in answers] == ["refused", "refused"]
    assert "row 3 gives the same code to another item" in answers[0][2][0]


def test_a_code_of_an_item_one_does_not_sell_is_taken_like_any_other(trade: Trade) -> None:
    """That somebody else's item has it is not told; the hospital sees it."""
    bare_item(trade, "wire", "WZ1")
    taken = trade.answers(trade.upload("north", "WZ1,,06901234567915,,,\n"))  # the cotton's
    assert taken == [(2, "taken", [])]


@pytest.mark.parametrize(
    "number", ["国食药监械(准)字2010第3770123号", "国食药监械（准）字2010第3770123号", "苏锡械备20150012号"]
)
def test_certificates_in_the_old_form_and_filings_are_taken(trade: Trade, number: str) -> None:
    bare_item(trade, "wire", "WZ1")
    until = "" if "备" in number else "2029年12月31日"
    assert trade.answers(trade.upload("north", f"WZ1,,,{number},{until},\n")) == [(2, "taken", [])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_any_spreadsheets_text_is_read(trade: Trade, encoding: str, delimiter: str) -> None:
    bare_item(trade, "wire", "WZ1")
    content = f"物资编码,医保编码\nWZ1,{NEW_INSURANCE}\n".replace(",", delimiter).encode(encoding)
    assert trade.upload("north", content).taken == 1
    assert trade.proposed() == [("wire", "insurance", NEW_INSURANCE)]


def test_a_workbook_with_english_headings_numbers_and_dates(trade: Trade) -> None:
    bare_item(trade, "wire", "WZ1")
    rows = [
        ["material_code", "udi_di", "certificate", "certificate_valid_until", "supply_price"],
        ["WZ1", 6901234567922, REGISTRATION, "2029/12/31", 12.5],
        ["WZ000001", 690123456792212345, None, None, None],
        ["WZ000002", None, None, None, ("=1+0.5", 1.5)],
        ["WZ000002", "#REF!", None, None, None],
        ["WZ000002", None, None, None, None],
    ]
    receipt = trade.upload("north", workbook(rows), "mine.xlsx")
    answers = trade.answers(receipt)
    assert [outcome for _, outcome, _ in answers] == ["taken", "refused", "taken", "refused", "unchanged"]
    assert "formula error" in answers[3][2][0]
    assert ("syringe", "purchase", "1.50") in trade.proposed()
    assert ("wire", "udi", NEW_DI) in trade.proposed() and ("wire", "purchase", "12.50") in trade.proposed()


def test_merged_cells_stand_for_their_rows_and_a_merged_price_for_none(trade: Trade) -> None:
    """An item's code merged over two rows names it in both; of a price nobody can say which is meant."""
    for merged, price in (("A2:A3", False), ("C2:C3", True)):
        out = BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["物资编码", "UDI-DI", "供货价"])
            sheet.write_column("A2", ["WZ000001", "WZ000002"])
            sheet.write_column("B2", [NEW_DI, OTHER_DI])
            sheet.merge_range(merged, 8 if price else "WZ000001")
        if price:
            with pytest.raises(FileRefused, match="row 2"):
                trade.upload("north", out.getvalue(), "mine.xlsx")
        else:
            answers = trade.answers(trade.upload("north", out.getvalue(), "mine.xlsx"))
            assert [outcome for _, outcome, _ in answers] == ["refused", "refused"]
            assert "of the same item" in answers[0][2][0]
    assert trade.proposed() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there are no rows"),
        ("物资编码,医保编码\n".encode(), "there are no rows"),
        ("名称,医保编码\n甲,C1\n".encode(), "this column is missing"),
        ("物资编码,名称\nWZ1,甲\n".encode(), "this column is missing"),
        ("物资编码,UDI,UDI-DI\nWZ1,1,2\n".encode(), "means the same as column 2"),
        (b"PK\x03\x04 no workbook", "XLSX"),
        ('物资编码,UDI\n"WZ1,1\n'.encode(), "quotes"),
    ],
)
def test_a_file_without_answers_is_refused_in_words(trade: Trade, content: bytes, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        trade.upload("north", content, "mine.xlsx")
    assert said in refused.value.message("en") and "mine.xlsx" in refused.value.message("zh")
    assert trade.all("SELECT FROM supplier_upload") == []


def test_one_entry_is_refused_with_every_reason(trade: Trade) -> None:
    with pytest.raises(EntryRefused) as refused:
        trade.enter("north", "stent", insurance="C1", price="-1")
    assert "医保编码" in refused.value.message("zh") and "不能为负" in refused.value.message("zh")


def test_an_open_entry_is_withdrawn_and_a_decided_one_is_not(trade: Trade) -> None:
    clock = trade.hospital.clock
    trade.enter("north", "stent", udi=NEW_DI)
    trade.enter("north", "stent", insurance=NEW_INSURANCE)
    entries = dict(trade.all("SELECT field, id FROM supplier_entry"))
    with pytest.raises(UnknownEntry):
        withdraw(trade.session, trade.people["south"], clock, entries["udi"])
    withdraw(trade.session, trade.people["north"], clock, entries["udi"])
    assert trade.proposed() == [("stent", "insurance", NEW_INSURANCE)]
    with pytest.raises(DecidedAlready):
        withdraw(trade.session, trade.people["north"], clock, entries["udi"])
    (binding,) = trade.all("SELECT id FROM code_binding WHERE status = 'proposed'")[0]
    approve_bindings(trade.session, trade.hospital.people[Role.FINANCE], clock, [binding])
    with pytest.raises(DecidedAlready):
        withdraw(trade.session, trade.people["north"], clock, entries["insurance"])


def test_a_colleague_may_withdraw_what_another_of_the_same_supplier_entered(trade: Trade) -> None:
    from tracer.catalog.suppliers.assigning import assign_person

    clock, mate = trade.hospital.clock, trade.person("mate")
    assign_person(trade.session, trade.buyer, clock, trade.suppliers["north"], mate.id)
    trade.enter("north", "stent", udi=NEW_DI)
    withdraw(trade.session, mate, clock, trade.all("SELECT id FROM supplier_entry")[0][0])
    assert trade.proposed() == []


def test_what_two_suppliers_say_stands_as_long_as_one_of_them_says_it(trade: Trade) -> None:
    trade.enter("north", "syringe", udi=NEW_DI)
    trade.enter("south", "syringe", udi=NEW_DI)
    assert trade.proposed() == [("syringe", "udi", NEW_DI)]
    first, second = [id_ for (id_,) in trade.all("SELECT id FROM supplier_entry ORDER BY id")]
    withdraw(trade.session, trade.people["north"], trade.hospital.clock, first)
    assert trade.proposed() == [("syringe", "udi", NEW_DI)]
    # Proposed by somebody of the north: the south's word does not take it back, the hospital decides.
    withdraw(trade.session, trade.people["south"], trade.hospital.clock, second)
    assert trade.proposed() == [("syringe", "udi", NEW_DI)]


def test_one_entry_proposes_one_thing_and_is_kept(trade: Trade) -> None:
    trade.enter("north", "stent", udi=NEW_DI)
    copy = (
        "INSERT INTO supplier_entry (supplier_id, item_id, field, value, binding_id, person_id, entered_at)"
        " SELECT supplier_id, item_id, field, value, {binding}, person_id, entered_at FROM supplier_entry"
    )
    for binding, guard in (("binding_id", "uq_supplier_entry_binding"), ("NULL", "proposes_one")):
        with pytest.raises(IntegrityError, match=guard), trade.session.begin_nested():
            trade.all(copy.format(binding=binding) + " RETURNING id")
    assert SYRINGE_DI  # the syringe's own code is untouched
    assert trade.proposed() == [("stent", "udi", NEW_DI)]
