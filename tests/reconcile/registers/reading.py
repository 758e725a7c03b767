"""A file read to its end, for tests."""

from __future__ import annotations

from pathlib import Path

from reconcile.registers import Bad, Package, Record, open_package, parse


def read(path: Path, package: Package | None = None) -> tuple[list[Record], list[Bad]]:
    """All records, and everything that is bad."""
    records: list[Record] = []
    bad: list[Bad] = []
    for chunk in (package or open_package(path)).chunks():
        parsed = parse(chunk)
        records += parsed.records
        bad += parsed.bad
    return records, bad


def written(folder: Path, content: bytes, name: str = "release.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
