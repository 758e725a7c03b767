"""Every row of the HIBC vectors, and a sample of the identifiers in a real register.

Where our answer is not the row's, it stands in a table here with the clause that decides, and the tests
hold that, too; none is listed in vain.
"""

from __future__ import annotations

from datetime import date

import pytest

from scanners import Agency, parse
from scanners.hibc import check_character, is_secondary
from tests.scanners.golden import TODAY, golden

GOLDEN = golden("hibc.json")
VECTORS = GOLDEN["vectors"]
VALID = [row for row in VECTORS if row["valid"]]
INVALID = [row for row in VECTORS if row["valid"] is False]
# Rows of which only the structure counts: their check character is a placeholder.
STRUCTURES = [row["input"] for row in VECTORS if row["valid"] is None]

# Valid upstream, refused here.
REFUSED = {
    "+DVIV627261AN1/$$3250303Z025XHKW": ("check_digit", "ANSI/HIBC 2.6, appendix B: 8 would complete it"),
    "+D661H008181/+$K42888/14D202601134": (
        "check_digit",
        "ANSI/HIBC 2.6, 2.2.1.1: no + after the /; and by appendix B neither form ends in 4",
    ),
    "+/EO5232013": ("not_a_udi", "ANSI/HIBC 1.3 (provider applications), not 2.6: no device"),
    "+/EAH783B": ("not_a_udi", "ANSI/HIBC 1.3 (provider applications), not 2.6: no device"),
    "+/EU720060FF0/O523201W": ("not_a_udi", "ANSI/HIBC 1.3 (provider applications), not 2.6: no device"),
    "+/EU720060FF0/O523201/Z34H159/M9842431340V": (
        "not_a_udi",
        "ANSI/HIBC 1.3 (provider applications), not 2.6: no device",
    ),
}
# Read with other fields than upstream's.
OTHERWISE = {
    "+E490HE21KL1/$+HEK13044/16D20220531/Q1$": (
        {"lot": None, "serial": "HEK13044"},
        "ANSI/HIBC 2.6, appendix F: $+ is a serial number, $ a lot",
    ),
    "+J123AQ3451/$$1125BC34567/S4012L": (
        {"expiry": date(2025, 11, 30)},
        "appendix F: MMYY has no day; usable to the month's end, where upstream's type must hold a first",
    ),
    "+J123AQ3451/$$0125BC34567/S4012K": (
        {"expiry": date(2025, 1, 31)},
        "appendix F: MMYY has no day; usable to the month's end, where upstream's type must hold a first",
    ),
}

NAMES = {"product_code": "pcn", "packaging_index": "unit_of_measure", "check_character": "check"}


def expected_of(row: dict[str, object]) -> dict[str, object]:
    """The row's expectations in our names."""
    found: dict[str, object] = {}
    linked = "lic" not in row["expected"] and row["input"].count("/") == 0
    for name, value in row["expected"].items():
        if name in ("expiry", "expiry_date", "production", "date_of_manufacture"):
            day = value["date"] if isinstance(value, dict) else value
            ours = "expiry" if name.startswith("expiry") else "manufactured"
            found[ours] = date.fromisoformat(day) if day else None
        elif name == "quantity":
            found["quantity"] = int(value)
        elif name in ("serial", "serial_number"):
            found["serial"] = value
        elif name == "link_character":
            # A concatenated symbol has none (appendix E1.3); upstream calls its last character so.
            if linked:
                found["link"] = value
        else:
            found[NAMES.get(name, name)] = value
    return found | OTHERWISE.get(row["input"], ({}, ""))[0]


@pytest.mark.parametrize("row", VALID, ids=lambda row: row["input"])
def test_what_is_valid_is_read_with_its_fields(row):
    scan = parse(row["input"], today=TODAY)
    if row["input"] in REFUSED:
        assert scan.error is not None and scan.error.code == REFUSED[row["input"]][0]
        assert scan.di is None and scan.lot is None
        return
    assert scan.agency is Agency.HIBC
    assert scan.error is None or is_secondary(scan)
    told = dict(scan.elements)
    read = told | {
        name: getattr(scan, name) for name in ("lot", "serial", "expiry", "manufactured", "quantity")
    }
    expected = expected_of(row)
    assert {name: read.get(name) for name in expected} == expected
    if scan.error is None:
        assert scan.di == told["lic"] + told["pcn"] + told["unit_of_measure"]


@pytest.mark.parametrize("row", INVALID, ids=lambda row: row.get("input") or row["data_without_check"])
def test_what_is_invalid_is_refused(row):
    """Rows without a check character are refused with the right one, too: for their structure."""
    text = row.get("input") or row["data_without_check"] + check_character(row["data_without_check"])
    scan = parse(text, today=TODAY)
    assert scan.error is not None and not is_secondary(scan)
    assert (scan.di, scan.lot, scan.serial, scan.expiry, scan.quantity) == (None, None, None, None, None)


@pytest.mark.parametrize("given", STRUCTURES)
def test_a_structure_reads_once_its_check_character_is_right(given):
    """All of them are the examples of appendix F: lot 3C001 or serial 0001, 28 September 2005."""
    text = given.strip("*")[:-1]
    scan = parse(text + check_character(text), today=TODAY)
    secondary = text.removeprefix("+Z999009993020351").lstrip("+/")
    if text.startswith("+Z"):
        assert scan.error is None and scan.di == "Z999009993020351"
    else:
        assert is_secondary(scan) and dict(scan.elements)["link"] == text[-1]
        secondary = secondary[:-1]
    assert scan.lot == ("3C001" if "3C001" in secondary else None)
    assert scan.serial == ("0001" if "0001" in secondary else None)
    by_form = {"MMYY": date(2005, 9, 30), None: None}
    assert scan.expiry == by_form.get(dict(scan.elements).get("expiry_format"), date(2005, 9, 28))
    assert (scan.expiry is None) is not ("0905" in secondary or "0928" in secondary or "05271" in secondary)
    assert scan.quantity == (24 if "$$824" in text else 100 if "$$900100" in text else None)


def test_each_exception_is_a_row():
    assert {*REFUSED, *OTHERWISE} <= {row["input"] for row in VALID}
    wrong = {row["input"] for row in VALID if not row.get("check_ok_mod43", True)}
    assert wrong <= REFUSED.keys()


@pytest.mark.parametrize("row", GOLDEN["gudid"], ids=lambda row: row["stored"])
def test_an_identifier_of_the_register_reads_as_lic_pcn_and_unit(row):
    text = "+" + (
        row["stored"] if row["check_stored"] else row["stored"] + check_character("+" + row["stored"])
    )
    scan = parse(text, today=TODAY)
    assert scan.error is None
    assert scan.di == row["di"]


def test_the_check_character_is_the_standard_s():
    assert check_character("+A123BJC5D6E71") == "G"  # ANSI/HIBC 2.6, B.2.0
    assert check_character("+$$52001510X3G") == "D"  # 4.3.2
