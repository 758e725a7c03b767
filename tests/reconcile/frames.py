"""Small frames written as rows, and the same frames in DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

COLUMNS = {
    "movements": ["business_date", "location", "material", "kind", "quantity"],
    "charges": ["business_date", "location", "material", "quantity"],
    "opening": ["location", "material", "quantity"],
    "counts": ["business_date", "location", "material", "quantity"],
}


def frame(name: str, rows: list[tuple[Any, ...]], *extra: str) -> pd.DataFrame:
    """`frame("movements", [("2026-03-01", "W1", "M1", "use", 3)])`; extra columns follow the usual ones."""
    return pd.DataFrame(rows, columns=[*COLUMNS.get(name, []), *extra], dtype=object)


def movements(*rows: tuple[Any, ...], extra: tuple[str, ...] = ()) -> pd.DataFrame:
    return frame("movements", list(rows), *extra)


def charges(*rows: tuple[Any, ...], extra: tuple[str, ...] = ()) -> pd.DataFrame:
    return frame("charges", list(rows), *extra)


def opening(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return frame("opening", list(rows))


def counts(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return frame("counts", list(rows))


_DUCKDB_TYPES = {
    "business_date": "DATE",
    "valid_from": "DATE",
    "quantity": "BIGINT",
    "pack_quantity": "BIGINT",
    "chargeable": "BIGINT",
    "occurred_at": "TIMESTAMP",
    "unit_cost": "DECIMAL(18, 4)",
    "price": "DECIMAL(18, 4)",
}


def in_duckdb(connection: duckdb.DuckDBPyConnection, name: str, given: pd.DataFrame | None) -> Any:
    """The same rows as a DuckDB relation with a hospital's usual column types."""
    if given is None:
        return None
    columns = [f'"{c}" {_DUCKDB_TYPES.get(c, "VARCHAR")}' for c in given.columns]
    connection.execute(f"CREATE OR REPLACE TABLE {name} ({', '.join(columns)})")
    rows = [[None if pd.isna(v) else str(v) for v in row] for row in given.itertuples(index=False)]
    if rows:
        marks = ", ".join("?" * len(given.columns))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    return connection.table(name)


def row_of(result: Any, day: str, location: str, material: str) -> dict[str, Any]:
    """One row as plain values: null is None, int is int."""
    rows = result.rows
    found = rows[
        (rows["business_date"] == pd.Timestamp(day))
        & (rows["location"] == location)
        & (rows["material"] == material)
    ]
    assert len(found) == 1, f"{len(found)} rows for {day} {location} {material}"
    return {str(k): None if pd.isna(v) else v for k, v in found.iloc[0].items()}
