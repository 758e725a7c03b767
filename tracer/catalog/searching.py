"""Looking an item up by whatever a person has in mind: a code, words of its name, pinyin initials, a maker.

Full-width and half-width, capitals and small letters are one. Several words must all be found, in
whatever order. A code is found by how it begins, also one that the item had once; a package's by itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracer.catalog.identifiers import canonical_di
from tracer.catalog.items import SPECIFICATION
from tracer.catalog.rules import FiveCodes

PAGE: Final = 30
LAST_PAGE: Final = 10_000
MOST_WORDS: Final = 6
LONGEST_WORD: Final = 60
# Nobody waits for more than these when a search finds new names; the next search reads on.
NAMES_AT_ONCE: Final = 500
_LAST = "\U0010ffff"
_CHINESE = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """An item as a list shows it, with its codes and charge price of the day."""

    id: int
    name: str
    specification: str
    maker: str
    certificate: str
    unit: str
    chargeable: bool
    codes: FiveCodes
    price: str | None
    proposals: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found; `items` of all pages."""

    rows: tuple[FoundItem, ...]
    items: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.items // PAGE))


def initials_of(name: str) -> str:
    """冠脉支架 → gmzj; letters and digits stay, everything else goes. Words decide between readings."""
    return re.sub(r"[^a-z0-9]", "", _CHINESE.sub(_initials, fold(name)))


def _initials(run: re.Match[str]) -> str:
    return _initials_of_run(run[0])


# Names of one kind of item share their words, and differ in a model or a size.
@lru_cache(maxsize=20_000)
def _initials_of_run(run: str) -> str:
    # Imported here: its tables take a third of a second, and most commands never need them.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(run, style=Style.FIRST_LETTER))


def fold(text_: str) -> str:
    """As the database keeps what is searched."""
    return unicodedata.normalize("NFKC", text_).lower()


def read_names(session: Session, most: int = NAMES_AT_ONCE) -> int:
    """Make the initials of names that nobody has read yet, whoever wrote them; how many."""
    rows = session.execute(_UNREAD, {"most": most}).all()
    if rows:
        values = {"ids": [row.id for row in rows], "initials": [initials_of(row.name) for row in rows]}
        session.execute(_READ, values)
    return len(rows)


def search_items(reader: Session | Connection, words: str, on: date, page: int = 1) -> Found:
    """The items in which every word is found, the closest first; all of them if there is no word."""
    asked = [word for word in "".join(c if c.isprintable() else " " for c in words).split() if word]
    asked = [word[:LONGEST_WORD] for word in asked[:MOST_WORDS]]
    values: dict[str, Any] = {"on": on, "most": PAGE, "skip": (page - 1) * PAGE, "first": "", "code": ""}
    conditions = []
    for number, word in enumerate(asked):
        condition, found = _condition(number, word)
        conditions.append(condition)
        values |= found
    if asked:
        values |= {"first": f"{_escaped(fold(asked[0]))}%", "code": _code(asked[0])}
    rows = reader.execute(_statement(" AND ".join(conditions) or "true"), values).all()
    items = rows[0].found if rows else 0
    return Found(tuple(_item(row) for row in rows if row.id is not None), items, page)


def _condition(number: int, word: str) -> tuple[str, dict[str, str]]:
    """The condition that a word is found, and its values; what cannot be found is not looked for."""
    folded, as_written = fold(word), unicodedata.normalize("NFKC", word)
    values = {f"part{number}": f"%{_escaped(folded)}%", f"di{number}": _code(word)}
    looked = [f"i.search LIKE :part{number}"]
    if re.fullmatch(r"[a-z0-9]{2,}", folded):
        looked.append(f"i.initials LIKE :part{number}")
    codes = [_BY_DI.format(n=number)]
    # Codes are mostly in capitals, and typed in small letters.
    for form in dict.fromkeys((as_written, as_written.upper())):
        name = f"{number}_{len(codes)}"
        codes.append(_BY_CODE.format(n=name))
        values |= {f"from{name}": form, f"to{name}": form + _LAST}
    looked.append(f"i.id IN ({' UNION ALL '.join(codes)})")
    return f"({' OR '.join(looked)})", values


@lru_cache(maxsize=256)
def _statement(where: str) -> Any:
    return text(_SEARCH.format(where=where))


def _code(word: str) -> str:
    return canonical_di(unicodedata.normalize("NFKC", word))


def _escaped(folded: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", folded)


def _item(row: Any) -> FoundItem:
    return FoundItem(
        id=row.id,
        name=row.name,
        specification=row.specification,
        maker=row.maker,
        certificate=row.certificate,
        unit=row.base_unit,
        chargeable=row.chargeable,
        codes=FiveCodes(**(row.codes or {})),
        price=row.price,
        proposals=row.proposals,
    )


_UNREAD = text("""
    SELECT id, name FROM item WHERE initials IS NULL ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED""")
_READ = text("""
    UPDATE item i SET initials = r.initials
      FROM unnest(CAST(:ids AS bigint[]), CAST(:initials AS text[])) AS r (id, initials) WHERE i.id = r.id""")
# Ranges by character, not LIKE: an index serves them also in a plan that is made once for all values.
_BY_CODE: Final = """
        SELECT item_id FROM code_binding
         WHERE code ~>=~ :from{n} AND code ~<~ :to{n} AND status <> 'rejected'"""
_BY_DI: Final = """
        SELECT item_id FROM code_binding WHERE code = :di{n} AND system = 'udi' AND status <> 'rejected'
        UNION ALL SELECT item_id FROM packaging WHERE di = :di{n}"""
# Names are put in order byte by byte: a dictionary's order of 26,000 Chinese names takes too long.
_SEARCH: Final = f"""
    WITH exact AS MATERIALIZED (
        SELECT DISTINCT item_id FROM code_binding WHERE code = :code AND status <> 'rejected'
    ), hit AS MATERIALIZED (
        SELECT i.id, i.name, i.search LIKE :first AS begins FROM item i WHERE {{where}}
    ), page AS MATERIALIZED (
        SELECT h.id, e.item_id IS NULL AS other, NOT h.begins AS inside, h.name
          FROM hit h LEFT JOIN exact e ON e.item_id = h.id
         ORDER BY 2, 3, h.name COLLATE "C", h.id LIMIT :most OFFSET :skip
    )
    SELECT (SELECT count(*) FROM hit) AS found, i.id, i.name, {SPECIFICATION} AS specification, i.maker,
           i.certificate, i.base_unit, i.chargeable,
           (SELECT jsonb_object_agg(b.system, b.code) FROM code_binding b
             WHERE b.item_id = i.id AND b.status IN ('approved', 'retired') AND b.valid_from <= :on
               AND (b.valid_to IS NULL OR b.valid_to > :on)) AS codes,
           (SELECT p.amount::text FROM price p
             WHERE p.item_id = i.id AND p.kind = 'charge' AND p.status = 'approved' AND p.valid_from <= :on
               AND (p.valid_to IS NULL OR p.valid_to > :on)) AS price,
           (SELECT count(*) FROM code_binding b WHERE b.item_id = i.id AND b.status = 'proposed') AS proposals
      FROM (VALUES (1)) AS one LEFT JOIN page ON true LEFT JOIN item i ON i.id = page.id
     ORDER BY page.other, page.inside, page.name COLLATE "C", page.id"""
