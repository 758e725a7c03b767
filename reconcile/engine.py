"""What differs between the engines that frames live in: kept here, so that the computation need not know."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import narwhals as nw

from reconcile.errors import refuse

Lazy = nw.LazyFrame[Any]


def same_engine(**frames: Any) -> None:
    """All frames of one call must live in one engine; raises BadInput naming the odd one."""
    first: tuple[str, Any] | None = None
    for name, native in frames.items():
        if native is None:
            continue
        engine: Any = nw.from_native(native).implementation
        if first is not None and engine is not first[1]:
            raise refuse(
                name,
                "mixed_engines",
                f"is a {engine.value} frame, but {first[0]} is a {first[1].value} frame",
                f"是 {engine.value} 数据，而 {first[0]} 是 {first[1].value} 数据",
            )
        first = first or (name, engine)


def settled(lazy: Lazy) -> Lazy:
    """The same rows, worked out once.

    A lazy engine would compute a frame again for each of its readers, and the causes read the rows a dozen
    times. DuckDB keeps them in a temporary table (`reconcile_…`, gone with the connection), Spark in its
    cache.
    """
    if lazy.implementation.is_duckdb():
        native, name = lazy.to_native(), f"reconcile_{uuid4().hex}"
        source = f"{name}_from"  # `query` makes it a view: any plain name might be a table of the caller's
        native.query(source, f"CREATE TEMP TABLE {name} AS SELECT * FROM {source}")
        kept: Lazy = nw.from_native(native.query(source, f"SELECT * FROM {name}"))
        return kept
    if lazy.implementation.is_spark_like():
        cached: Lazy = nw.from_native(lazy.to_native().cache())
        return cached
    return lazy


def stack(parts: list[Lazy]) -> Lazy:
    """The parts one below the other. Engines widen integers as they please (DuckDB sums to HUGEINT) and
    refuse to stack unlike types, so every number is brought back to int64 first."""
    names = parts[0].collect_schema().names()

    def alike(part: Lazy) -> Lazy:
        schema = part.collect_schema()
        numbers = [name for name in names if schema[name].is_numeric()]
        return part.with_columns(nw.col(name).cast(nw.Int64) for name in numbers).select(*names)

    return nw.concat([alike(part) for part in parts])
