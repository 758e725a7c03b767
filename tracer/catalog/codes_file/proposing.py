"""A file that nobody has approved: what it says of codes, prices and certificates is proposed, no more.

An end that the file gives to a code comes with the code that follows it, when that is approved; an end
without a successor is for a person to set, and the file's reader is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.catalog.certificates.numbers import EXPECTED, canonical_number, parse_number
from tracer.catalog.codes_file.lanes import Span
from tracer.catalog.codes_file.planning import Draft
from tracer.catalog.codes_file.rows import CODES, Reading
from tracer.catalog.codes_file.writing import Stamp

Freed = set[tuple[str, Any]]
"""(system, code) that the file takes from one item, so that another may have it."""


def founding_is_over(session: Session) -> bool:
    """Whether somebody has approved a code or a price here: from then on nothing is taken over."""
    return bool(session.execute(_OVER).scalar_one())


def leave_to_approval(session: Session, reading: Reading, drafts: Sequence[Draft]) -> Freed:
    """Take from the drafts what is proposed already and the ends of what is in force; returns what the
    file frees."""
    open_ = _open_proposals(session, [draft.item_id for draft in drafts if draft.item_id is not None])
    freed: Freed = set()
    for draft in drafts:
        ends = set()
        for lane, spans in draft.lanes.items():
            begins = {span.start for span in spans if span.id is None}
            for span in spans:
                if span.is_ended:
                    span.is_ended = False
                    freed.add((lane, span.value))
                    if span.end not in begins:
                        ends.add(span.end)
            new = [span for span in spans if (draft.item_id, lane, span.value) not in open_ or span.id]
            kind = "binding" if lane in CODES else "price"
            draft.unchanged[kind] = draft.unchanged.get(kind, 0) + len(spans) - len(new)
            draft.lanes[lane] = new
        for end in sorted(end for end in ends if end is not None):
            row = draft.rows[0].number if draft.rows else 1
            reading.remark(row, "valid_to", "end_left_to_a_person", str(end), until=end)
    return freed


def leave_certificates_to_approval(reading: Reading, drafts: Sequence[Draft]) -> list[tuple[int, str]]:
    """Take from the drafts other certificates for known items; returns (item, number) to be proposed."""
    wanted = []
    for draft in drafts:
        if draft.item_id is None or "certificate" not in draft.facts:
            continue
        written, before = draft.facts.pop("certificate"), draft.before.pop("certificate")
        number = parse_number(written)
        if number is None:
            row = draft.rows[0].number if draft.rows else 1
            reading.remark(row, "certificate", "certificate_unreadable", written, expected=EXPECTED)
        elif number.text != canonical_number(before):
            wanted.append((draft.item_id, number.text))
    return wanted


def propose_certificate_numbers(session: Session, wanted: Sequence[tuple[int, str]], stamp: Stamp) -> int:
    """Write them as proposals; how many were not proposed already."""
    if not wanted:
        return 0
    values = {"items": [item for item, _ in wanted], "numbers": [number for _, number in wanted]}
    by = {"by": stamp.person_id, "now": stamp.now, "source": stamp.source}
    return len(session.execute(_CERTIFICATES, values | by).all())


def propose(session: Session, drafts: Sequence[Draft], stamp: Stamp, freed: Freed) -> None:
    """Write the codes and prices of the drafts as proposals."""
    added = [(draft.item_id, lane, span) for draft in drafts for lane, span in draft.added()]
    by = {"by": stamp.person_id, "now": stamp.now, "source": stamp.source}
    codes = [one for one in added if one[1] in CODES]
    prices = [one for one in added if one[1] not in CODES]
    if codes:
        moves = [(lane, span.value) in freed for _, lane, span in codes]
        session.execute(_CODES, _columns(codes) | {"moves": moves} | by)
    if prices:
        session.execute(_PRICES, _columns(prices) | by)


def _columns(added: Sequence[tuple[int | None, str, Span]]) -> dict[str, list[Any]]:
    return {
        "items": [item_id for item_id, _, _ in added],
        "lanes": [lane for _, lane, _ in added],
        "values": [span.value for _, _, span in added],
        "starts": [span.start for _, _, span in added],
        "ends": [span.end for _, _, span in added],
    }


def _open_proposals(session: Session, items: list[int]) -> set[tuple[int, str, Any]]:
    return {
        (item_id, lane, value)
        for statement in (_OPEN_CODES, _OPEN_PRICES)
        for item_id, lane, value in session.execute(statement, {"items": items})
    }


_OVER = text("""
    SELECT EXISTS (SELECT FROM code_binding WHERE NOT taken_over AND status IN ('approved', 'retired'))
        OR EXISTS (SELECT FROM price WHERE NOT taken_over AND status = 'approved')""")
_OPEN_CODES = text("""
    SELECT item_id, system, code FROM code_binding
     WHERE status = 'proposed' AND item_id = ANY(CAST(:items AS bigint[]))""")
_OPEN_PRICES = text("""
    SELECT item_id, kind, amount FROM price
     WHERE status = 'proposed' AND item_id = ANY(CAST(:items AS bigint[]))""")
_CODES = text("""
    INSERT INTO code_binding (item_id, system, code, valid_from, valid_to, moves, status, proposer_id, source,
                              created_at)
    SELECT item_id, system, code, valid_from, valid_to, moves, 'proposed', :by, :source, :now
      FROM unnest(CAST(:items AS bigint[]), CAST(:lanes AS text[]), CAST(:values AS text[]),
                  CAST(:starts AS date[]), CAST(:ends AS date[]), CAST(:moves AS boolean[])) WITH ORDINALITY
           AS p (item_id, system, code, valid_from, valid_to, moves, place)
     ORDER BY place
        ON CONFLICT (item_id, system, code) WHERE status = 'proposed' DO NOTHING""")
_CERTIFICATES = text("""
    INSERT INTO certificate (item_id, number, status, proposer_id, source, created_at)
    SELECT item_id, number, 'proposed', :by, :source, :now
      FROM unnest(CAST(:items AS bigint[]), CAST(:numbers AS text[])) AS p (item_id, number)
        ON CONFLICT (item_id, number, valid_from, valid_until) WHERE status = 'proposed' DO NOTHING
    RETURNING id""")
_PRICES = text("""
    INSERT INTO price (item_id, kind, amount, valid_from, valid_to, status, proposer_id, source, created_at)
    SELECT item_id, kind, amount, valid_from, valid_to, 'proposed', :by, :source, :now
      FROM unnest(CAST(:items AS bigint[]), CAST(:lanes AS text[]), CAST(:values AS numeric[]),
                  CAST(:starts AS date[]), CAST(:ends AS date[])) WITH ORDINALITY
           AS p (item_id, kind, amount, valid_from, valid_to, place)
     ORDER BY place
        ON CONFLICT (item_id, kind, valid_from, amount) WHERE status = 'proposed' DO NOTHING""")
