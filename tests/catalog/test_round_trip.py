"""Any catalogue that can be written as a file is read back as it was."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from scanners.gtin import check_digit
from tests.catalog.office import Office

words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda word: not word.startswith(("=", "#"))
)
cents = st.integers(0, 10_000_000).map(lambda n: f"{n // 100}.{n % 100:02d}")


@st.composite
def catalogues(draw) -> list[dict[str, str]]:
    """Rows of different items, each with some of the codes; the row's number makes them unique."""
    rows = []
    for n in range(draw(st.integers(1, 6))):
        body = f"06900000{n:05d}"
        row = {"material": f"M{n}", "name": draw(words)}
        optional = {
            "billing": st.just(f"B{n}"),
            "order": st.just(f"O{n}"),
            "insurance": st.just(f"C{n:026d}"),
            "udi": st.just(body + check_digit(body)),
            "specification": words,
            "model": words,
            "maker": words,
            "certificate": words,
            "unit": words,
            "category": words,
            "tracking": st.sampled_from(("SERIAL", "LOT", "NONE")),
            "chargeable": st.sampled_from("01"),
            "high_value": st.sampled_from("01"),
            "sterile": st.sampled_from("01"),
            "price": cents,
            "purchase_price": cents,
            "valid_from": st.dates(min_value=_date(2000), max_value=_date(2030)).map(str),
        }
        for column, values in optional.items():
            if draw(st.booleans()):
                row[column] = draw(values)
        rows.append(row)
    return rows


def _date(year: int):
    from datetime import date

    return date(year, 1, 1)


EXPORT = text("""
    SELECT i.*, b.valid_from,
           (SELECT jsonb_object_agg(system, code) FROM code_binding c WHERE c.item_id = i.id) AS codes,
           (SELECT jsonb_object_agg(kind, amount::text) FROM price p WHERE p.item_id = i.id) AS prices
      FROM item i JOIN code_binding b ON b.item_id = i.id AND b.system = 'material'""")


def exported(office: Office) -> dict[str, dict[str, str]]:
    """Material code → what a file would say of the item."""
    result = {}
    for row in office.session.execute(EXPORT):
        prices = row.prices or {}
        result[row.codes["material"]] = {
            **row.codes,
            "name": row.name,
            "specification": row.specification,
            "model": row.model,
            "maker": row.maker,
            "certificate": row.certificate,
            "unit": row.base_unit,
            "category": row.category,
            "tracking": row.tracking,
            "chargeable": str(int(row.chargeable)),
            "high_value": str(int(row.high_value)),
            "sterile": str(int(row.sterile)),
            "valid_from": str(row.valid_from),
            **({"price": prices["charge"]} if "charge" in prices else {}),
            **({"purchase_price": prices["purchase"]} if "purchase" in prices else {}),
        }
    return result


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(catalogues())
def test_what_is_imported_is_what_is_there_and_exporting_it_changes_nothing(office, rows):
    with office.session.begin_nested() as undone:
        office.imports(*rows)
        there = exported(office)
        assert there.keys() == {row["material"] for row in rows}
        for row in rows:
            assert there[row["material"]].items() >= row.items()
        before = office.everything()
        assert not office.imports(*there.values()).is_change
        assert office.everything() == before
        undone.rollback()
