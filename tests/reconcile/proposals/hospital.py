"""A hospital of a few items, by hand: what five systems say of them, and how a test spoils it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from reconcile.codes import CodesResult, reconcile_codes
from reconcile.proposals import Proposal, propose

OWNERS = {"material": "hrp", "billing": "his", "order": "his", "insurance": "catalogue", "udi": "register"}


class Hospital:
    """`rows[source][item]` is a row; a test changes what it likes before it asks for `proposals`."""

    def __init__(self, items: int = 2) -> None:
        self.rows: dict[str, list[dict[str, str]]] = {
            source: [] for source in ("hrp", "his", "supplier", "catalogue", "register")
        }
        for number in range(1, items + 1):
            self._add(number)

    def _add(self, n: int) -> None:
        codes = {
            "material": f"WZ00{n}",
            "billing": f"JF00{n}",
            "order": f"YZ00{n}",
            "insurance": f"C{n:026d}",
            "udi": f"0693000000{n:03d}0",
        }
        known = {
            "name": "输尿管支架",
            "specification": f"{4 + n}Fr×{20 + n}cm",
            "model": f"EN-30{n:02d}",
            "maker": "科罗特（上海）医疗器械有限公司",
            "certificate": "国械注进20223990124",
            "unit": "根",
            "price": f"{800 + n}.00",
            "pack_quantity": "10",
            "valid_from": f"202{n}-01-01",
        }

        def row(*columns: str) -> dict[str, str]:
            return {column: (codes | known)[column] for column in columns}

        common = ("model", "maker", "certificate")
        self.rows["hrp"].append(
            row(
                "material",
                "billing",
                "insurance",
                "name",
                "specification",
                *common,
                "unit",
                "price",
                "pack_quantity",
                "valid_from",
            )
        )
        self.rows["his"].append(
            row("order", "billing", "insurance", "name", "specification", "unit", "price", "valid_from")
        )
        self.rows["supplier"].append(row("insurance", "udi", "name", *common, "unit", "price"))
        self.rows["catalogue"].append(row("insurance", "name", "specification", *common))
        self.rows["register"].append(row("udi", "name", *common, "pack_quantity"))

    def frames(self) -> dict[str, pd.DataFrame]:
        return {source: pd.DataFrame(rows, dtype="str").fillna("") for source, rows in self.rows.items()}

    def result(self) -> CodesResult:
        return reconcile_codes(self.frames(), owners=OWNERS)

    def proposals(self, packages: Iterable[tuple[str, str, str]] = ()) -> tuple[Proposal, ...]:
        facts = pd.DataFrame(list(packages), columns=["udi", "package", "pieces"], dtype="str")
        return propose(self.result(), owners=OWNERS, facts=facts)

    def the_proposal(self, **given: Any) -> Proposal:
        (proposal,) = self.proposals(**given)
        return proposal
