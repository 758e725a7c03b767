"""What a person who knows the field would say of a few small cases."""

from __future__ import annotations

import pandas as pd
import pytest

from reconcile.codes import CodesResult, reconcile_codes
from reconcile.errors import BadInput


def report(**sources: str) -> CodesResult:
    """Each source as text: headings in the first line, cells divided by blanks, `-` for an empty one."""
    frames = {}
    for name, text in sources.items():
        headings, *rows = (line.split() for line in text.strip().splitlines())
        frames[name] = pd.DataFrame(rows, columns=headings).replace("-", None)
    return reconcile_codes(frames)


def test_three_models_under_one_billing_code() -> None:
    result = report(
        hrp="""material billing
               M1 B1
               M2 B1
               M3 B1""",
        his="""order billing
               O1 B1""",
        plan="""material billing
                M2 B1""",
    )
    (found,) = result.findings.to_dict("records")
    assert (found["class"], found["system"], found["values"]) == ("CONFLICT", "material", "M1|M2|M3")
    # Two sources say M2: it is the one that is kept.
    assert (found["remove"], found["proved"]) == ("hrp:2|hrp:4", "1")
    assert found["sources"] == "hrp:2|hrp:3|hrp:4|plan:2"


def test_a_chain_is_cut_at_its_weakest_claim() -> None:
    result = report(
        a="""material billing
             M1 B1
             M2 B2""",
        b="""billing order
             B1 O1
             B2 O1""",
        c="""billing order
             B1 O1""",
    )
    assert set(result.findings["remove"]) == {"b:3"}
    assert set(result.findings["class"]) == {"CONFLICT"}
    assert list(result.findings["system"]) == ["material", "billing"]


def test_one_product_identifier_is_one_however_many_zeros_it_was_given() -> None:
    result = report(
        supplier="""insurance udi
                    I1 6901234567892""",
        register="""udi maker
                    06901234567892 甲""",
    )
    assert result.summary == {"groups": 1, "ok": 1, "missing": 0, "conflict": 0, "mismatch": 0, "dangling": 0}
    assert result.groups["udi"].tolist() == ["06901234567892"]
    alone = report(supplier="udi insurance\n6901234567892 I1")
    assert alone.groups["udi"].tolist() == ["6901234567892"], "as it was written, where all write it so"


@pytest.mark.parametrize(
    ("field", "one", "other", "agree"),
    [
        ("maker", "ＡＢＣ（上海）", "abc(上海)", True),
        ("maker", "甲公司", "乙公司", False),
        ("price", "12.50", "12.5", True),
        ("price", "12.50", "12.51", False),
        ("pack_quantity", "10", "10.0", True),
        ("certificate", "国械注进20223140363", "国械注进20223140364", False),
        ("specification", "-", "5mm", True),
        ("name", "支架", "导管", True),
    ],
)
def test_what_disagrees(field: str, one: str, other: str, agree: bool) -> None:
    result = report(a=f"material {field}\nM1 {one}", b=f"material {field}\nM1 {other}")
    assert list(result.findings["field"]) == ([] if agree else [field])
    assert result.summary["ok"] == int(agree)


def test_codes_differ_by_case_and_not_by_width() -> None:
    result = report(a="material billing\nM1 b1", b="billing order\nB1 O1", c="material order\nＭ１ O9")
    assert result.summary["groups"] == 2
    assert result.groups["material"].tolist() == ["M1", ""]


def test_a_system_that_nobody_exports_is_missed_by_nobody() -> None:
    assert report(a="material billing\nM1 B1").summary["ok"] == 1
    empty = report(a="material billing order\nM1 B1 -")
    assert empty.findings[["class", "system", "sources"]].values.tolist() == [["MISSING", "order", "a:2"]]


def test_a_code_that_its_owner_does_not_list_dangles() -> None:
    frames = {
        "hrp": pd.DataFrame({"material": ["M1"], "billing": ["B1"]}),
        "his": pd.DataFrame({"billing": ["B1", "B2"], "material": [None, "M1"]}),
    }
    assert "DANGLING" not in set(reconcile_codes(frames).findings["class"])
    found = reconcile_codes(frames, owners={"billing": "hrp"}).findings
    dangling = found[found["class"] == "DANGLING"]
    assert dangling[["system", "values", "sources"]].values.tolist() == [["billing", "B2", "his:3"]]


def test_a_row_without_a_code_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        report(a="material maker\nM1 甲\n- 乙")
    (cell,) = caught.value.cells
    assert (cell.file, cell.row) == ("a", 3)


def test_a_tangle_too_large_to_be_proved_is_still_separated() -> None:
    rows = [{"material": f"M{n}", "billing": f"B{n}"} for n in range(80)]
    rows += [{"billing": f"B{n}", "order": f"O{n // 2}"} for n in range(80)]
    rows += [{"order": f"O{n}", "insurance": f"I{n // 2}"} for n in range(40)]
    rows += [{"order": f"O{n}", "insurance": f"I{(n + 1) // 2 % 20}"} for n in range(40)]
    result = reconcile_codes({"s": pd.DataFrame(rows)})
    gone = {int(label.partition(":")[2]) - 2 for label in result.findings["remove"].iloc[0].split("|")}
    left = pd.DataFrame([row for n, row in enumerate(rows) if n not in gone])
    assert "CONFLICT" not in set(reconcile_codes({"s": left}).findings["class"])
    assert set(result.findings.loc[result.findings["class"] == "CONFLICT", "proved"]) <= {"0", "1"}


CLASS, OTHER = "C0201020300100002345", "C0909090900100002345"


def test_a_class_of_insurance_codes_ties_nothing_where_its_codes_are_claimed() -> None:
    """20 digits are shared by all models of a class: that is no conflict, and no code of an item either."""
    result = report(
        hrp=f"""material billing insurance
                M1 B1 {CLASS}0000001
                M2 B2 {CLASS}0000002""",
        his=f"""order billing insurance
                O1 B1 {CLASS}
                O2 B2 {CLASS}""",
    )
    assert result.found == []
    assert [row["insurance"] for row in result.groups.to_dict("records")] == [
        f"{CLASS}0000001",
        f"{CLASS}0000002",
    ]


def test_a_class_is_the_code_where_nobody_claims_a_longer_one() -> None:
    result = report(
        hrp=f"""material insurance
                            M1 {CLASS}
                            M2 {CLASS}"""
    )
    (found,) = result.findings.to_dict("records")
    assert (found["class"], found["system"]) == ("CONFLICT", "material")


def test_a_class_to_which_the_code_does_not_belong_is_told() -> None:
    result = report(
        hrp=f"""material billing insurance
                M1 B1 {CLASS}0000001
                M2 B2 {OTHER}0000001""",
        his=f"""order billing insurance
                O1 B1 {CLASS}
                O2 B2 {CLASS}""",
    )
    (found,) = result.findings.to_dict("records")
    assert (found["class"], found["system"]) == ("MISMATCH", "insurance")
    assert (found["values"], found["sources"]) == (f"{CLASS}|{OTHER}0000001", "his:3")


def test_a_row_that_names_a_class_and_nothing_else_is_kept() -> None:
    assert report(catalogue=f"insurance\n{CLASS}0000001\n{CLASS}").grouped.count == 2
