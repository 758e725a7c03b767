"""What a symbol says: read back by readers that share no code with what wrote it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scanners import inhouse, parse
from scanners.labels import SYMBOLOGIES, Label, LabelError, LabelFault, render, symbols
from tests.scanners.golden import GS, element_string, golden, udis
from tests.scanners.label_readers import Seen, as_a_camera_sees, by_dmtx, by_zbar, opened, pdf_pages

UDI = "(01)06901234567892(17)281130(10)LOT42A(21)SN000123"
UDI_SENT = f"01069012345678921728113010LOT42A{GS}21SN000123"
LABEL = inhouse.make(42)
WHAT_IT_SAYS = [
    ("code128", LABEL, Seen(LABEL, gs1=False)),
    ("datamatrix", LABEL, Seen(LABEL, gs1=False)),
    ("qr", LABEL, Seen(LABEL, gs1=False)),
    ("gs1-128", UDI, Seen(UDI_SENT, gs1=True)),
    ("gs1-datamatrix", UDI, Seen(UDI_SENT, gs1=True)),
    ("gs1-qr", UDI, Seen(UDI_SENT, gs1=True)),
]
cases = pytest.mark.parametrize(("symbology", "text", "said"), WHAT_IT_SAYS)
PRINTABLE = st.text("".join(map(chr, range(0x20, 0x7F))), min_size=1, max_size=40)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(zbar, dmtx):
    """Every symbol that a picture shows."""
    return lambda symbology, picture: (by_dmtx if "matrix" in symbology else by_zbar)(picture)


def picture(text, symbology, **how):
    return opened(render([Label(text)], symbology=symbology, format="png", dpi=203, **how))


def test_the_table_of_cases_holds_every_symbology():
    assert {symbology for symbology, _, _ in WHAT_IT_SAYS} == set(SYMBOLOGIES)


@cases
def test_a_thermal_print_says_its_text(read, symbology, text, said):
    assert read(symbology, picture(text, symbology)) == [said]


@cases
def test_a_pdf_says_its_text_at_a_thermal_printers_dots(read, symbology, text, said):
    (page,) = pdf_pages(render([Label(text)], symbology=symbology, format="pdf", dpi=203))
    assert read(symbology, page) == [said]


@cases
@pytest.mark.parametrize("scale", [1.3, 2.3, 3.7])
def test_a_camera_sees_it_too(read, symbology, text, said, scale):
    assert read(symbology, as_a_camera_sees(picture(text, symbology), scale)) == [said]


@few
@given(PRINTABLE)
def test_code_128_carries_any_printable_ascii(read, text):
    """Whatever the changes between its character sets: digits, letters, both, signs, spaces at the ends."""
    try:
        seen = picture(text, "code128")
    except LabelError as error:
        assert error.fault is LabelFault.WRONG_CODE
    else:
        assert read("code128", seen) == [Seen(text, gs1=False)]


@few
@given(st.text("0123456789AB", min_size=1, max_size=20))
def test_code_128_changes_to_pairs_of_digits_and_back(read, text):
    assert read("code128", picture(text, "code128")) == [Seen(text, gs1=False)]


@pytest.mark.parametrize(
    "text", ["99", "990", "9912", "99A", "A99", "1234599", "0", "00", "A1234B", "12345A"]
)
def test_code_128_begins_with_any_digits(read, text):
    """99 among them, which python-barcode alone drops."""
    assert read("code128", picture(text, "code128")) == [Seen(text, gs1=False)]


@few
@given(PRINTABLE, st.sampled_from(["datamatrix", "qr"]))
def test_a_matrix_carries_any_printable_ascii(read, text, symbology):
    try:
        seen = picture(text, symbology)
    except LabelError as error:
        assert error.fault is LabelFault.WRONG_CODE
    else:
        # libdmtx overlooks one in some hundreds of the smallest symbols at a printer's dots.
        twice = seen.resize((seen.width * 2, seen.height * 2), Image.Resampling.NEAREST)
        assert read(symbology, twice) == [Seen(text, gs1=False)]


def test_a_qr_code_carries_chinese(read, cjk_font):
    assert read("qr", picture("药物洗脱支架 3.0×18", "qr", font=cjk_font)) == [
        Seen("药物洗脱支架 3.0×18", gs1=False)
    ]


@few
@given(udis(), st.sampled_from(["gs1-128", "gs1-datamatrix", "gs1-qr"]))
def test_any_device_message_comes_back_as_it_was(read, elements, symbology):
    sent = element_string(elements)
    try:
        seen = picture(sent, symbology)
    except LabelError as error:
        assert (error.fault, symbology) == (LabelFault.TOO_LONG, "gs1-128")
        assert sum(map(len, map("".join, elements))) > 48
        return
    (said,) = read(symbology, seen)
    assert said.gs1
    assert parse("]d2" + said.text).elements == tuple(elements)


def _stands_alone(message):
    """A message whose elements do not ask for others beside them: only such are fit to be printed."""
    error = parse("]d2" + message).error
    return error is None or error.code == "missing_di"


OFFICIAL = [
    case["message"].removeprefix("^").replace("^", GS)
    for case in golden("gs1_engine.json")["fnc1_ai_data"]
    if case["valid"]
]


def test_most_of_the_official_messages_stand_alone():
    assert len(OFFICIAL) == 29 and sum(map(_stands_alone, OFFICIAL)) >= 15


@pytest.mark.parametrize("message", [one for one in OFFICIAL if _stands_alone(one)])
def test_every_good_message_of_the_official_engine_comes_back(read, message):
    (said,) = read("gs1-datamatrix", picture(message, "gs1-datamatrix"))
    assert said.gs1
    assert sorted(parse("]d2" + said.text).elements) == sorted(parse("]d2" + message).elements)


def test_a_third_partys_serial_is_kept_apart_from_what_follows(read):
    """(235): what writes our GS1 symbols takes it for one that ends by itself."""
    for symbology in ("gs1-128", "gs1-datamatrix", "gs1-qr"):
        (said,) = read(symbology, picture(f"0106901234567892235XYZ{GS}10LOT", symbology))
        assert said == Seen(f"010690123456789210LOT{GS}235XYZ", gs1=True)


def test_brackets_within_values_mean_themselves(read):
    text = f"010690123456789210A(21)B{GS}21)("
    (said,) = read("gs1-datamatrix", picture(text, "gs1-datamatrix"))
    assert said == Seen(text, gs1=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(01)06901234567892(17)000000", "no_date"),
        ("(01)06901234567892(10)", "too few|not a GS1"),
        ("(99)", "not a GS1"),
        ("", "empty"),
        ("]d2", "not a GS1"),
        ("010690123456789210A|B", "not a GS1"),
        ("(01)06901234567892(01)16901234567899", "not a GS1"),
        ("0106901234567892" + "10A" * 2000, "not a GS1"),
    ],
)
def test_what_is_no_gs1_message_as_it_stands_is_not_printed(text, told):
    for symbology in ("gs1-128", "gs1-datamatrix", "gs1-qr"):
        with pytest.raises(LabelError, match=told):
            render([Label(text)], symbology=symbology)


def test_bracketed_text_and_the_element_string_are_one_symbol():
    as_bracketed = render([Label(UDI)], symbology="gs1-datamatrix", format="zpl", dpi=203)
    assert render([Label(UDI_SENT)], symbology="gs1-datamatrix", format="zpl", dpi=203) == as_bracketed
    assert (
        render([Label("]d2" + UDI_SENT)], symbology="gs1-datamatrix", format="zpl", dpi=203) == as_bracketed
    )


@pytest.mark.parametrize("text", ["(00)106141412345678908", "(8004)06901234REF77", "(10)LOT(21)SN"])
def test_a_message_without_a_gtin_is_one(read, text):
    (said,) = read("gs1-datamatrix", picture(text, "gs1-datamatrix"))
    assert said.gs1


@pytest.mark.parametrize(
    ("symbology", "wrong", "told"),
    [
        ("code128", lambda right: symbols._code128("TR000000014289"), "reads back as 'TR000000014289'"),
        ("code128", lambda right: right[:, ::3], "cannot be read back"),
        ("datamatrix", lambda right: ~right, "cannot be read back|reads back as"),
        ("gs1-128", lambda right: symbols._code128("010690123456789210A"), "cannot be read back"),
    ],
)
def test_a_symbol_that_says_something_else_is_not_printed(monkeypatch, symbology, wrong, told):
    """Whatever went wrong in a library that draws symbols: another text, no symbol, no FNC1."""
    maker = "_code128" if symbology == "code128" else "_created"
    arguments, options = _asked(symbology)
    made = wrong(getattr(symbols, maker)(*arguments, **options))
    monkeypatch.setattr(symbols, maker, lambda *arguments, **options: made)
    text = "(01)06901234567892(10)A" if symbology == "gs1-128" else LABEL
    with pytest.raises(LabelError, match=told) as refused:
        render([Label(text)], symbology=symbology)
    assert refused.value.fault is LabelFault.READS_OTHERWISE


def _asked(symbology):
    if symbology == "code128":
        return (LABEL,), {}
    kind = symbols.get_symbology(symbology)
    if kind.gs1:
        return ("[01]06901234567892[10]A", "", kind), {"gs1": True}
    return (LABEL, LABEL, kind), {"forceSquare": True}
