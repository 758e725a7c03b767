"""The registers searched by what a person has in hand: any code on the pack, a model, words of the label.

Nothing here depends on how many records there are: codes are found by their beginning in one index, names
by their pieces among the products (one for many records), and each step looks at a bounded number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from reconcile.registers import Register, record_of
from tracer.catalog.registers.errors import SearchTooShort
from tracer.catalog.registers.folding import folded, folded_code, rare_grams, searched_grams, whole_piece
from tracer.catalog.registers.identifying import canonical_forms

LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 6
# Nobody types so much and means a part of something longer.
LONG_WORD: Final = 8
SHORTEST_CODE: Final = 3
# How many are looked at before it is said that there are more.
MOST_PRODUCTS: Final = 200
MOST_CANDIDATES: Final = 3000
# So many are looked up one by one within a glance.
FEW: Final = 200
FIRST_PRODUCTS: Final = 4
_LAST: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and by which of its codes; `kind` is "" if by its words."""

    record_id: int
    register: Register
    key: str
    di: str
    name: str
    model: str
    maker: str
    certificates: tuple[str, ...]
    withdrawn: str
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Found:
    """The first hits; `more` if there are others."""

    hits: tuple[Hit, ...]
    more: bool


_EXACT: Final = text("""
SELECT c.record_id, c.kind, c.code FROM register_code c WHERE c.code = ANY(:codes) LIMIT :most
""")
_BEGINNING: Final = text("""
SELECT c.record_id, c.kind, c.code FROM register_code c
 WHERE c.code >= :low AND c.code < :high ORDER BY c.code LIMIT :most
""")
_PRODUCTS: Final = """
SELECT p.digest, p.words FROM register_product p
 WHERE p.grams @> CAST(:grams AS text[]) {contains} LIMIT :most
"""
_WHOLE: Final = text(
    "SELECT p.digest, p.words FROM register_product p WHERE p.grams @> CAST(:grams AS text[]) LIMIT :most"
)
_OF_PRODUCTS: Final = text("""
SELECT r.id AS record_id, '' AS kind, '' AS code
  FROM unnest(CAST(:digests AS bigint[])) WITH ORDINALITY AS p (digest, turn)
  CROSS JOIN LATERAL (
      SELECT x.id FROM register_record x WHERE x.product = p.digest ORDER BY x.id LIMIT :most
  ) r
 ORDER BY p.turn, r.id LIMIT :most
""")
# One record after the other, and not however it looks cheapest to a planner who cannot know how few they are.
_OF_THESE: Final = """
SELECT this.id FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS this (id, turn)
 CROSS JOIN LATERAL (SELECT x.product FROM register_record x WHERE x.id = this.id OFFSET 0) r
 CROSS JOIN LATERAL (SELECT x.words FROM register_product x WHERE x.digest = r.product OFFSET 0) p
 WHERE true {contains} ORDER BY this.turn
"""
_CODES_OF_THESE: Final = text("""
SELECT this.id AS record_id, c.kind, c.code
  FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS this (id, turn)
 CROSS JOIN LATERAL (SELECT x.kind, x.code FROM register_code x WHERE x.record_id = this.id OFFSET 0) c
 WHERE c.code >= :low AND c.code < :high ORDER BY this.turn LIMIT :most
""")
_RECORDS: Final = text("""
SELECT r.id, r.register, r.key, r.di, r.said, r.withdrawn FROM register_record r WHERE r.id = ANY(:ids)
""")


def search_registers(reader: Connection | Session, typed: str, *, most: int = 20) -> Found:
    """What is found by a code or its beginning, a model, or words of name, maker and certificate.

    Several words must all be in the record. Raises SearchTooShort.
    """
    printable = "".join(one if one.isprintable() else " " for one in typed[:LONGEST_SEARCH])
    words = printable.split()[:MOST_WORDS]
    grams = [searched_grams(folded(word)) for word in words]
    if not any(grams) and not any(len(folded_code(word)) >= SHORTEST_CODE for word in words):
        raise SearchTooShort()
    rows = _by_code(reader, "".join(words), most + 1)
    # What is a code of a record is meant as that, and not as a piece of some text.
    is_code = bool(rows) and len(words) == 1 and _has_digit(words[0])
    if len(rows) <= most and any(grams) and not is_code:
        rows += _by_words(reader, words, most + 1)
    if len(rows) <= most and len(words) > 1:
        rows += _by_both(reader, words, most + 1)
    found = list({row.record_id: row for row in reversed(rows)}.items())[::-1]
    hits = _hits(reader, [row for _, row in found[:most]])
    return Found(hits, len(found) > most)


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _by_code(reader: Connection | Session, typed: str, most: int) -> list[Any]:
    code = folded_code(typed)
    codes = list(dict.fromkeys([*canonical_forms(typed), code]))
    rows = list(reader.execute(_EXACT, {"codes": codes, "most": most}))
    # A GTIN is stored with fourteen digits, and typed as it is printed.
    beginnings = [code, "0" + code] if code.isdigit() and len(code) < 14 else [code]
    for beginning in beginnings if len(code) >= SHORTEST_CODE else ():
        if len(rows) < most:
            rows += reader.execute(
                _BEGINNING, {"low": beginning, "high": beginning + _LAST, "most": most - len(rows)}
            )
    return rows


def _by_words(reader: Connection | Session, words: Sequence[str], most: int) -> list[Any]:
    return _records_of(reader, _products(reader, words), most)


def _records_of(reader: Connection | Session, digests: Sequence[int], most: int) -> list[Any]:
    """The first records of the products, in their order: of no more products than are needed."""
    rows: list[Any] = []
    begin, count = 0, FIRST_PRODUCTS
    while begin < len(digests) and len(rows) < most:
        these = digests[begin : begin + count]
        rows += reader.execute(_OF_PRODUCTS, {"digests": these, "most": most - len(rows)})
        begin, count = begin + count, count * 4
    return rows


def _products(reader: Connection | Session, words: Sequence[str]) -> list[int]:
    """The products in which all the words are; those that are nearest to them first."""
    wholes = [whole_piece(word) for word in words]
    found: list[Any] = []
    if all(wholes):
        found += reader.execute(_WHOLE, {"grams": wholes, "most": MOST_PRODUCTS})
    # A certificate that is written out is that certificate, and a maker that maker.
    if not (found and any(_has_digit(word) or len(word) >= LONG_WORD for word in words)):
        statement, values = _containing(_PRODUCTS, words)
        found += reader.execute(statement, {**values, "most": MOST_PRODUCTS})
    whole = folded(" ".join(words))
    nearest = sorted(found, key=lambda row: (not row.words.startswith(whole), len(row.words), row.digest))
    return list(dict.fromkeys(row.digest for row in nearest))


def _by_both(reader: Connection | Session, words: Sequence[str], most: int) -> list[Any]:
    """One of the words is a code's beginning, the others the product's: from whichever side is shorter."""
    for word in words:
        code = folded_code(word)
        others = [other for other in words if other is not word]
        if len(code) < SHORTEST_CODE or not any(searched_grams(folded(other)) for other in others):
            continue
        span = {"low": code, "high": code + _LAST}
        coded = reader.execute(_BEGINNING, {**span, "most": FEW + 1}).all()
        if not coded:
            continue
        if len(coded) <= FEW:
            rows = _of_coded(reader, coded, others, most)
        else:
            named = [row.record_id for row in _records_of(reader, _products(reader, others), FEW + 1)]
            if len(named) <= FEW:
                rows = list(reader.execute(_CODES_OF_THESE, {**span, "ids": named, "most": most}))
            else:
                coded = reader.execute(_BEGINNING, {**span, "most": MOST_CANDIDATES}).all()
                rows = _of_coded(reader, coded, others, most)
        if rows:
            return rows
    return []


def _of_coded(
    reader: Connection | Session, coded: Sequence[Any], others: Sequence[str], most: int
) -> list[Any]:
    """Of records found by a code, those in whose product the other words are."""
    by_id = {row.record_id: row for row in reversed(coded)}
    ids = list(dict.fromkeys(row.record_id for row in coded))
    statement, values = _containing(_OF_THESE, others)
    rows: list[Any] = []
    for begin in range(0, len(ids), FEW):
        these = {**values, "ids": ids[begin : begin + FEW]}
        rows += [by_id[found] for (found,) in reader.execute(statement, these)]
        if len(rows) >= most:
            break
    return rows[:most]


def _containing(statement: str, words: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    """The statement for products that hold each of the words: by their pieces, then letter for letter."""
    texts = [folded(word) for word in words]
    grams = rare_grams(gram for one in texts for gram in searched_grams(one))
    contains = " ".join(f"AND position(:word{at} IN p.words) > 0" for at in range(len(texts)))
    values = {f"word{at}": one for at, one in enumerate(texts)}
    return text(statement.format(contains=contains)), {"grams": grams, **values}


def _hits(reader: Connection | Session, rows: Sequence[Any]) -> tuple[Hit, ...]:
    by_id = {row.id: row for row in reader.execute(_RECORDS, {"ids": [row.record_id for row in rows]})}
    hits = []
    for row in rows:
        kept = by_id.get(row.record_id)
        record = record_of(Register(kept.register), kept.said) if kept is not None else None
        if kept is not None and record is not None:
            hits.append(
                Hit(
                    kept.id,
                    Register(kept.register),
                    kept.key,
                    kept.di,
                    record.name,
                    record.model or record.specification,
                    record.maker,
                    record.certificates,
                    kept.withdrawn,
                    row.kind,
                    row.code,
                )
            )
    return tuple(hits)
