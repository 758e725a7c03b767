"""Claims become causes: each variance is given out once, in the registry's order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals as nw

from reconcile import columns as c
from reconcile.causes.lines import Evidence, gather
from reconcile.causes.testers import TESTERS, Claim
from reconcile.engine import Lazy, settled, stack

if TYPE_CHECKING:
    import pandas as pd

UNEXPLAINED: Final = "unexplained"
NOT_CHARGEABLE: Final = "not_chargeable"
"""Billed although the item may not be billed: stands beside the variance, explains none of it."""

CODES: Final = (*dict.fromkeys(tester.code for tester in TESTERS), UNEXPLAINED, NOT_CHARGEABLE)


@dataclass(frozen=True)
class Explained:
    """`text`: the keys and cause, e.g. `late_posting:3|unexplained:1`, for every row that has a cause."""

    text: Lazy
    _units: Lazy
    _claims: tuple[tuple[str, Claim], ...]

    def frame(self) -> pd.DataFrame:
        """See VarianceResult.causes."""
        import pandas as pd

        units = _pandas(self._units.select(*c.KEYS, "gap", *CODES))
        keys = list(c.KEYS)
        causes = units.melt(
            id_vars=[*keys, "gap"], value_vars=list(CODES), var_name="cause", value_name="units"
        )
        causes = causes[causes["units"] > 0]
        found = [
            _pandas(claim.records().filter(~nw.col("record").is_null())).assign(cause=code)
            for code, claim in self._claims
        ]
        records = pd.concat(found).drop_duplicates() if found else pd.DataFrame()
        if len(records):
            causes = causes.assign(sign=(causes["gap"] > 0) * 2 - 1)
            grouped = records.groupby([*keys, "sign", "cause"])["record"].agg(_json)
            causes = causes.join(grouped.rename("evidence"), on=[*keys, "sign", "cause"])
        else:
            causes = causes.assign(evidence=None)
        causes["evidence"] = causes["evidence"].fillna("[]").astype("str")
        place = causes["cause"].map({code: i for i, code in enumerate(CODES)})
        causes = causes.assign(_place=place).sort_values([*keys, "_place"], ignore_index=True)
        tidy: pd.DataFrame = causes[[*keys, "cause", "units", "evidence"]]
        return tidy.astype({"units": "int64", "cause": "str"})


def explain(rows: Lazy, movements: Lazy, charges: Lazy, packs: Lazy | None) -> Explained:
    """Test every row with a variance. `rows` has the columns of `reconcile.rows.with_variances`."""
    chargeable = nw.col("chargeable") == 1
    signed = nw.when(chargeable).then(nw.col("charge_variance")).otherwise(nw.col("stock_variance"))
    billed_anyway = nw.when(chargeable).then(0).otherwise(nw.col("billed").abs())
    questioned = rows.select(
        *c.KEYS,
        "is_counted",
        "chargeable",
        "consumed",
        "billed",
        signed.alias("gap"),
        billed_anyway.alias(NOT_CHARGEABLE),
    )
    questioned = settled(questioned.filter((nw.col("gap") != 0) | (nw.col(NOT_CHARGEABLE) != 0)))
    evidence = gather(questioned, movements, charges, packs)
    claims = _claims(evidence)
    units = settled(_grant(questioned, claims))
    parts = [
        nw.when(nw.col(code) > 0)
        .then(nw.concat_str(nw.lit(f"{code}:"), nw.col(code).cast(nw.String), nw.lit("|")))
        .otherwise(nw.lit(""))
        for code in CODES
    ]
    text = units.select(*c.KEYS, cause=nw.concat_str(*parts).str.strip_chars("|"))
    return Explained(text=text, _units=units, _claims=tuple(claims))


def _claims(evidence: Evidence) -> list[tuple[str, Claim]]:
    tested = [(tester.code, tester.test(evidence)) for tester in TESTERS]
    return [(code, claim) for code, claim in tested if claim is not None]


def _grant(questioned: Lazy, claims: list[tuple[str, Claim]]) -> Lazy:
    """The keys, gap and one column of units for each code."""
    names = [f"_claim_{i}" for i in range(len(claims))]
    # One union and one group-by instead of a join per tester: nothing becomes null, nothing is repeated.
    zero = {name: nw.lit(0).cast(nw.Int64) for name in names}
    base = questioned.select(*c.KEYS, "gap", NOT_CHARGEABLE, **zero)
    parts = [base] + [
        claim.units.select(
            *c.KEYS,
            **{"gap": nw.lit(0).cast(nw.Int64), NOT_CHARGEABLE: nw.lit(0).cast(nw.Int64)},
            **{**zero, name: nw.col("claim")},
        )
        for name, (_, claim) in zip(names, claims, strict=True)
    ]
    total = stack([part.select(*c.KEYS, "gap", NOT_CHARGEABLE, *names) for part in parts])
    rows = total.group_by(*c.KEYS).agg(*(nw.col(name).sum() for name in ("gap", NOT_CHARGEABLE, *names)))
    rows = rows.with_columns(nw.col(name).cast(nw.Int64) for name in ("gap", NOT_CHARGEABLE, *names))
    rows = rows.with_columns(_left=nw.col("gap").abs(), **{code: nw.lit(0) for code in CODES[:-2]})
    for name, (code, _) in zip(names, claims, strict=True):
        helps = nw.col("gap") * nw.col(name) > 0
        taken = nw.when(helps).then(nw.min_horizontal(nw.col(name).abs(), nw.col("_left"))).otherwise(0)
        rows = rows.with_columns(_taken=taken)
        rows = rows.with_columns(
            (nw.col(code) + nw.col("_taken")).alias(code), _left=nw.col("_left") - nw.col("_taken")
        )
    return rows.with_columns(nw.col("_left").alias(UNEXPLAINED))


def _pandas(lazy: Lazy) -> Any:
    return lazy.collect().to_pandas()


def _json(records: pd.Series[str]) -> str:
    return json.dumps(sorted(records, key=_natural), ensure_ascii=False)


def _natural(record: str) -> tuple[str, int, str]:
    """movements:9 before movements:10."""
    name, _, number = record.partition(":")
    return name, int(number) if number.isdecimal() else 0, number
