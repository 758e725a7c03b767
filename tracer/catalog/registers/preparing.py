"""Records made ready for the database: the lines that COPY takes. Runs in processes of its own.

Identifiers become canonical here, at the service's edge: `reconcile` keeps what the register wrote, and
knows nothing of scanners.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from reconcile.registers import Bad, Chunk, Record, Register, parse, reasons
from tracer.catalog.registers.folding import code_endings, folded, folded_code, indexed_pieces
from tracer.catalog.registers.identifying import canonical_forms
from tracer.catalog.registers.tables import CodeKind

LONGEST_KEY: Final = 500
LONGEST_DI: Final = 200
_NULL: Final = r"\N"
_BACKSLASH, _TWO = "\\", r"\\"
_SPECIAL: Final = re.compile(r"[\\\t\n\r]")
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_written: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class Prepared(NamedTuple):
    """A chunk, ready: lines for `staged_key`, for the tables of records, codes and products; what is bad."""

    keys: bytes
    records: bytes
    codes: bytes
    products: bytes
    rows: int
    bad: list[Bad]
    part_number: int
    until: int
    done: int
    register: str


def prepare(chunk: Chunk, batch_id: int, first_id: int) -> Prepared:
    """Parse a chunk and write its lines. `first_id`: of as many free ids as the chunk has records."""
    parsed = parse(chunk)
    bad = parsed.bad
    lines = _Lines([], [], [], {})
    for number, record in enumerate(parsed.records):
        try:
            _prepare(chunk.part, record, batch_id, first_id + number, lines, bad)
        except UnicodeEncodeError:  # half of a character that JSON wrote as two
            bad.append(Bad(chunk.part, reasons.NOT_STORABLE, record.number))
    return Prepared(
        "".join(lines.keys).encode(),
        "".join(lines.records).encode(),
        "".join(lines.codes).encode(),
        "".join(lines.products.values()).encode(),
        len(lines.keys),
        bad,
        chunk.part_number,
        chunk.until,
        chunk.done,
        parsed.records[0].register if parsed.records else "",
    )


class _Lines(NamedTuple):
    keys: list[str]
    records: list[str]
    codes: list[str]
    products: dict[int, str]


def _prepare(part: str, record: Record, batch_id: int, record_id: int, lines: _Lines, bad: list[Bad]) -> None:
    said = _written(record.said)
    as_bytes = said.encode()
    if "\\u0000" in said or len(record.key) > LONGEST_KEY or "\0" in record.key:
        bad.append(Bad(part, reasons.NOT_STORABLE, record.number, value=record.key[:80]))
        return
    certificates = " ".join(record.certificates)
    name = f"{record.name} {record.brand}".strip() if record.brand != record.name else record.name
    maker = f"{record.maker} {record.maker_english}".strip()
    digest, line = _product(record.register, name, maker, certificates)
    lines.products[digest] = line
    place = f"{part}#{record.sheet}" if record.sheet else part
    di = next(canonical_forms(record.di, record.agency), "") if record.di else ""
    key = _escaped(record.key)
    version = f"{record.version}\t{record.version_date or _NULL}\t{record.correction}\t{_digest(as_bytes)}"
    lines.keys.append(
        f"{record_id}\t{_escaped(place)}\t{record.number}\t{record.register}\t{key}\t{version}\n"
    )
    lines.records.append(
        f"{record_id}\t{record.register}\t{key}\t{batch_id}\t{digest}\t{version}\t{_escaped(di)}"
        f"\t{_escaped(record.withdrawn)}\t{said.replace(_BACKSLASH, _TWO)}\n"
    )
    for (kind, code), (sales_units, use_units) in _codes(record).items():
        lines.codes.append(
            f"{_escaped(code)}\t{kind}\t{record_id}\t{_NULL if sales_units is None else sales_units}"
            f"\t{_NULL if use_units is None else use_units}\n"
        )


def _codes(record: Record) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """Everything the record is found by, each once."""
    found: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    catalogue = record.register == Register.INSURANCE
    for identifier in record.identifiers:
        if len(identifier.di) > LONGEST_DI:
            continue
        kind: str = CodeKind.CATALOGUE_DI if catalogue else identifier.kind
        for form in canonical_forms(identifier.di, identifier.agency):
            found.setdefault((kind, form), (identifier.sales_units, identifier.use_units))
    for code in record.insurance_codes:
        found[CodeKind.INSURANCE, code] = (None, None)
    for kind, text in ((CodeKind.MODEL, record.model), (CodeKind.REFERENCE, record.reference)):
        if text:
            for ending in code_endings(folded_code(text)):
                found[kind, ending] = (None, None)
    return found


@lru_cache(maxsize=50_000)
def _product(register: str, name: str, maker: str, certificates: str) -> tuple[int, str]:
    """(digest, line) of what many records share."""
    digest = _digest("\0".join((register, name, maker, certificates)).encode())
    words = " ".join((folded(name), folded(maker), folded(certificates)))
    pieces = "{" + ",".join(indexed_pieces(name, maker, certificates)) + "}"
    texts = (register, name, maker, certificates, words, pieces)
    return digest, f"{digest}\t" + "\t".join(_escaped(text) for text in texts) + "\n"


def _escaped(text: str) -> str:
    # Looking is quicker than translating, and there is hardly ever anything to translate.
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def _digest(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)
