"""What a supplier enters becomes proposals, and every row an answer: taken, unchanged, or refused and why.

A row is taken as a whole or not at all; the other rows are not held up by it. What a supplier says a second
time is unchanged, also if two of its people say it at the same instant; what it says otherwise takes the
place of what it said before and nobody has decided.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.once import Answer as Answered
from tracer.access.once import once
from tracer.access.rules import Actor
from tracer.catalog.bindings import ProposedBinding, propose_bindings
from tracer.catalog.certificates.numbers import canonical_number, parse_number
from tracer.catalog.certificates.proposing import ProposedCertificate, propose_certificates
from tracer.catalog.certificates.validity import covered_items
from tracer.catalog.errors import ImportRefused
from tracer.catalog.pricing import ProposedPrice, propose_prices
from tracer.catalog.reading_sheets import read_sheet
from tracer.catalog.rules import CodeSystem, PriceKind
from tracer.catalog.suppliers.errors import EntryRefused, FileRefused, NoSuchItemHere
from tracer.catalog.suppliers.owning import SupplierRef, supplier_of
from tracer.catalog.suppliers.reading import HEADINGS, MATERIAL, headings_in, read_row, read_sheet_rows
from tracer.catalog.suppliers.rules import (
    Answer,
    Certified,
    Fault,
    Field,
    Known,
    Outcome,
    Row,
    Value,
    contradictions,
    judge,
    shown,
)
from tracer.catalog.suppliers.states import STATE
from tracer.catalog.suppliers.withdrawing import take_back
from tracer.catalog.suppliers.words import REASONS
from tracer.shared.clock import Clock, today

CODES: Final = {Field.INSURANCE: CodeSystem.INSURANCE, Field.UDI: CodeSystem.UDI}
CHANGED_MIND: Final = "供应商另行填报 / the supplier has entered something else"


@dataclass(frozen=True, slots=True)
class EntryReceipt:
    """How many rows were answered how; `upload_id` keeps every answer, if it was a file or a request of
    many. `unknown` are headings that nobody understands."""

    taken: int
    unchanged: int
    refused: int
    upload_id: int | None = None
    unknown: tuple[str, ...] = ()


def enter_file(session: Session, actor: Actor, clock: Clock, path: Path, file: str) -> EntryReceipt:
    """A whole file. Raises Forbidden, NoSupplier, and FileRefused if it cannot be answered row by row."""
    supplier_of(session, actor)
    try:
        rows, unknown = read_sheet_rows(read_sheet(path), file)
    except ImportRefused as refused:
        raise FileRefused(file, refused.findings) from refused
    return replace(enter_rows(session, actor, clock, rows, file=file), unknown=tuple(unknown))


def enter_one(
    session: Session, actor: Actor, clock: Clock, item_id: int, given: Mapping[str, Any], language: str = "zh"
) -> EntryReceipt:
    """What a form says of one item. Raises Forbidden, NoSupplier, NoSuchItemHere, EntryRefused."""
    supplier = _take_turn(session, actor)
    if item_id not in _known(session, supplier, clock, [item_id]):
        raise NoSuchItemHere()
    row = replace(read_row(1, "-", given, headings_in(language)), item_id=item_id)
    if row.faults:
        raise EntryRefused(row.faults)
    answers = _answered(session, supplier, clock, [row])
    _refuse_single(answers)
    _write(session, actor, clock, supplier, answers, None)
    return _receipt(answers)


def enter_rows(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Row], *, file: str
) -> EntryReceipt:
    """Many rows, each by the material code of its item. Raises Forbidden, NoSupplier."""
    supplier = _take_turn(session, actor)
    rows = _with_items(session, supplier, clock, rows)
    answers = _answered(session, supplier, clock, rows)
    counts = Counter(one.outcome for one in answers)
    values: dict[str, Any] = {str(one): counts[one] for one in Outcome}
    values |= {"supplier": supplier.id, "by": actor.id, "file": file, "now": clock.now()}
    upload = session.execute(_UPLOAD, values).scalar_one()
    _write(session, actor, clock, supplier, answers, upload)
    _keep_answers(session, upload, answers)
    after = {"supplier": supplier.code, "file": file} | {str(one): counts[one] for one in Outcome}
    audit.record(
        session, actor, clock, action="supplier_upload", subject="supplier_upload", subject_id=upload,
        after=after,
    )  # fmt: skip
    return replace(_receipt(answers), upload_id=upload)


def enter_once(
    session: Session, actor: Actor, clock: Clock, key: str, given: Sequence[Mapping[str, str]]
) -> Answered:
    """The rows of a request with a key, whose answer is the same for ever. `given`: cells by column.

    Raises Forbidden, NoSupplier, KeyReused, KeyInFlight.
    """
    supplier_of(session, actor)
    claim = once(session, actor, key=key, operation="supplier_entries", payload=list(given))
    if claim.known is not None:
        return claim.known
    names: dict[str, str] = {str(column): str(column) for column in HEADINGS}
    rows = [read_row(number, row[MATERIAL], row, names) for number, row in enumerate(given, 1)]
    done = enter_rows(session, actor, clock, rows, file="API")
    answered = session.execute(_ANSWERS, {"upload": done.upload_id}).all()
    return claim.keep(
        {
            "taken": done.taken,
            "unchanged": done.unchanged,
            "refused": done.refused,
            "rows": [dict(row._mapping) for row in answered],
        },
        clock,
    )


def _take_turn(session: Session, actor: Actor) -> SupplierRef:
    """The supplier, and nobody else enters anything for it until this transaction ends."""
    supplier = supplier_of(session, actor)
    session.execute(text("SET LOCAL statement_timeout = '5min'"))
    session.execute(_TURN, {"supplier": supplier.id})
    return supplier


def _with_items(session: Session, supplier: SupplierRef, clock: Clock, rows: Sequence[Row]) -> list[Row]:
    """Each row with its item; one that is not this supplier's is like one that does not exist."""
    materials = sorted({row.material for row in rows if row.material})
    values = {"supplier": supplier.id, "materials": materials, "on": today(clock)}
    items = {row.code: row.item_id for row in session.execute(_ITEMS, values)}
    found = []
    for row in rows:
        item, column = items.get(row.material), row.columns[MATERIAL]
        unknown = row.material and item is None and not any(one.column == column for one in row.faults)
        faults = (Fault(column, row.material, "no_such_item"), *row.faults) if unknown else row.faults
        found.append(replace(row, item_id=item, faults=faults))
    return found


def _answered(session: Session, supplier: SupplierRef, clock: Clock, rows: Sequence[Row]) -> list[Answer]:
    """Every row set beside what is known, and beside the other rows."""
    good = [row for row in rows if row.item_id is not None and not row.faults]
    known = _known(session, supplier, clock, {row.item_id for row in good if row.item_id is not None})
    twice = contradictions(good)
    nothing = Known({}, {})
    answers, said = [], set[tuple[int, Field, Value]]()
    for row in rows:
        answer = judge(row, known.get(row.item_id or 0, nothing), twice=twice.get(row.number, ()))
        if answer.outcome is Outcome.TAKEN:
            answer = _checked(answer, known[row.item_id or 0], said)
        answers.append(answer)
    return answers


def _checked(answer: Answer, known: Known, said: set[tuple[int, Field, Value]]) -> Answer:
    """A new certificate needs its last day; what an earlier row of the file said is not new."""
    row, fields = answer.row, dict(answer.fields)
    assert row.item_id is not None
    for field_, value in row.values.items():
        if fields[field_] is not Outcome.TAKEN:
            continue
        if isinstance(value, Certified) and value.until is None and not _endless(value.number):
            fault = Fault(row.columns[field_], value.number, "until_required")
            return Answer(row, Outcome.REFUSED, {}, (fault,))
        if (row.item_id, field_, value) in said:
            fields[field_] = Outcome.UNCHANGED
    said |= {(row.item_id, one, row.values[one]) for one, how in fields.items() if how is Outcome.TAKEN}
    outcome = Outcome.TAKEN if Outcome.TAKEN in fields.values() else Outcome.UNCHANGED
    return Answer(row, outcome, fields)


def _endless(number: str) -> bool:
    read = parse_number(number)
    return read is not None and read.is_endless


def _refuse_single(answers: Sequence[Answer]) -> None:
    if answers[0].outcome is Outcome.REFUSED:
        raise EntryRefused(answers[0].faults)


def _receipt(answers: Sequence[Answer]) -> EntryReceipt:
    counts = Counter(one.outcome for one in answers)
    return EntryReceipt(counts[Outcome.TAKEN], counts[Outcome.UNCHANGED], counts[Outcome.REFUSED])


# --- what is known ---------------------------------------------------------------------------------------


def _known(session: Session, supplier: SupplierRef, clock: Clock, items: Iterable[int]) -> dict[int, Known]:
    """Of those items that the supplier sells here: what holds, and what it has said that waits."""
    values = {"supplier": supplier.id, "items": sorted(set(items)), "on": today(clock)}
    rows = session.execute(_HOLDS, values).all()
    covered = covered_items(session, [row.item_id for row in rows], today(clock))
    waiting: dict[int, dict[Field, Value]] = {}
    for one in session.execute(_WAITING, values):
        waiting.setdefault(one.item_id, {})[Field(one.field)] = value_of(one)
    known = {}
    for row in rows:
        holds: dict[Field, Value] = {}
        if row.insurance:
            holds[Field.INSURANCE] = row.insurance
        if row.udi:
            holds[Field.UDI] = row.udi
        if row.price is not None:
            holds[Field.PRICE] = row.price
        certificate = covered[row.item_id]
        if certificate.number:
            holds[Field.CERTIFICATE] = Certified(
                canonical_number(certificate.number), certificate.valid_until
            )
        known[row.item_id] = Known(holds, waiting.get(row.item_id, {}))
    return known


def value_of(entry: Any) -> Value:
    """What an entry says."""
    field_ = Field(entry.field)
    if field_ is Field.PRICE:
        return Decimal(entry.value)
    return Certified(entry.value, entry.valid_until) if field_ is Field.CERTIFICATE else str(entry.value)


# --- writing ---------------------------------------------------------------------------------------------


def _write(
    session: Session,
    actor: Actor,
    clock: Clock,
    supplier: SupplierRef,
    answers: Sequence[Answer],
    upload: int | None,
) -> None:
    """Propose what is new, and keep who said it."""
    new = [
        (one.row.item_id, field_, one.row.values[field_])
        for one in answers
        for field_, outcome in one.fields.items()
        if outcome is Outcome.TAKEN and one.row.item_id is not None
    ]
    if not new:
        return
    _replace_earlier(session, actor, clock, supplier, new)
    source = f"{supplier.code} {supplier.name}"
    codes = [(item, field_, str(value)) for item, field_, value in new if field_ in CODES]
    certificates = [(item, value) for item, _, value in new if isinstance(value, Certified)]
    prices = [(item, value) for item, _, value in new if isinstance(value, Decimal)]
    bindings = propose_bindings(
        session, actor, clock,
        [ProposedBinding(item_id=item, system=CODES[f], code=code, source=source) for item, f, code in codes],
    )  # fmt: skip
    papers = propose_certificates(
        session, actor, clock,
        [
            ProposedCertificate(item_id=item, number=one.number, valid_until=one.until, source=source)
            for item, one in certificates
        ],
    )  # fmt: skip
    amounts = propose_prices(
        session, actor, clock,
        [
            ProposedPrice(item_id=item, kind=PriceKind.PURCHASE, amount=amount, source=source)
            for item, amount in prices
        ],
    )  # fmt: skip
    lines = [
        *(
            (item, f, code, None, id_, None, None)
            for (item, f, code), id_ in zip(codes, bindings, strict=True)
        ),
        *(
            (item, Field.CERTIFICATE, one.number, one.until, None, id_, None)
            for (item, one), id_ in zip(certificates, papers, strict=True)
        ),
        *(
            (item, Field.PRICE, shown(amount), None, None, None, id_)
            for (item, amount), id_ in zip(prices, amounts, strict=True)
        ),
    ]
    columns = list(zip(*lines, strict=True))
    names = ("items", "fields", "values", "untils", "bindings", "certificates", "prices")
    values: dict[str, Any] = {name: list(column) for name, column in zip(names, columns, strict=True)}
    values |= {"supplier": supplier.id, "by": actor.id, "now": clock.now(), "upload": upload}
    values["fields"] = [str(one) for one in values["fields"]]
    session.execute(_ENTER, values)
    if len(lines) > 1000:
        session.execute(text("ANALYZE supplier_entry"))


def _replace_earlier(
    session: Session,
    actor: Actor,
    clock: Clock,
    supplier: SupplierRef,
    new: Sequence[tuple[int, Field, Value]],
) -> None:
    """What this supplier said before of the same thing, and nobody has decided, gives way."""
    values = {
        "supplier": supplier.id,
        "items": [item for item, _, _ in new],
        "fields": [str(field_) for _, field_, _ in new],
    }
    if earlier := session.execute(_EARLIER, values).scalars().all():
        take_back(session, actor, clock, supplier, earlier, why=CHANGED_MIND)


def _keep_answers(session: Session, upload: int, answers: Sequence[Answer]) -> None:
    names = ("upload_id", "row", "material", "outcome", "fields", "faults")
    cursor: Any = session.connection().connection.cursor()
    statement = sql.SQL("COPY supplier_answer ({}) FROM STDIN").format(
        sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with cursor.copy(statement) as copy:
        for one in answers:
            fields = json.dumps({str(name): str(outcome) for name, outcome in one.fields.items()})
            copy.write_row(
                (upload, one.row.number, one.row.material, str(one.outcome), fields, _told(one.faults))
            )


def _told(faults: Sequence[Fault]) -> str:
    return json.dumps(
        [
            {
                "column": one.column,
                "value": one.value,
                "zh": REASONS[one.code][0].format(**one.data),
                "en": REASONS[one.code][1].format(**one.data),
            }
            for one in faults
        ],
        ensure_ascii=False,
    )


_IN_FORCE = "status IN ('approved', 'retired') AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)"
_TURN = text("SELECT pg_advisory_xact_lock(7407, CAST(:supplier AS int))")
_ITEMS = text(f"""
    SELECT b.code, b.item_id FROM code_binding b
      JOIN supply s ON s.item_id = b.item_id AND s.supplier_id = :supplier AND s.ended_at IS NULL
     WHERE b.system = 'material' AND b.code = ANY(CAST(:materials AS text[])) AND {_IN_FORCE}""")
_HOLDS = text(f"""
    WITH mine AS MATERIALIZED (
        SELECT item_id FROM supply
         WHERE supplier_id = :supplier AND ended_at IS NULL AND item_id = ANY(CAST(:items AS bigint[]))
    ), coded AS MATERIALIZED (
        SELECT b.item_id, max(b.code) FILTER (WHERE b.system = 'insurance') AS insurance,
               max(b.code) FILTER (WHERE b.system = 'udi') AS udi
          FROM code_binding b JOIN mine m ON m.item_id = b.item_id
         WHERE b.system IN ('insurance', 'udi') AND {_IN_FORCE} GROUP BY b.item_id
    ), priced AS MATERIALIZED (
        SELECT p.item_id, p.amount FROM price p JOIN mine m ON m.item_id = p.item_id
         WHERE p.kind = 'purchase' AND {_IN_FORCE}
    )
    SELECT m.item_id, c.insurance, c.udi, p.amount AS price FROM mine m
      LEFT JOIN coded c ON c.item_id = m.item_id LEFT JOIN priced p ON p.item_id = m.item_id""")
_OPEN = f"""
    supplier_entry e
      LEFT JOIN code_binding b ON b.id = e.binding_id
      LEFT JOIN certificate c ON c.id = e.certificate_id
      LEFT JOIN price p ON p.id = e.price_id
     WHERE e.supplier_id = :supplier AND {STATE} IN ('waiting', 'half')"""
_WAITING = text(f"""
    SELECT e.item_id, e.field, e.value, e.valid_until FROM {_OPEN}
       AND e.item_id = ANY(CAST(:items AS bigint[])) ORDER BY e.id""")
_EARLIER = text(f"""
    SELECT e.id FROM {_OPEN}
       AND (e.item_id, e.field) IN (
           SELECT i, f FROM unnest(CAST(:items AS bigint[]), CAST(:fields AS text[])) AS w (i, f))
     ORDER BY e.id""")
_UPLOAD = text("""
    INSERT INTO supplier_upload (supplier_id, person_id, file, taken, unchanged, refused, loaded_at)
    VALUES (:supplier, :by, :file, :taken, :unchanged, :refused, :now) RETURNING id""")
_ANSWERS = text("""
    SELECT row, material, outcome, fields, faults FROM supplier_answer WHERE upload_id = :upload
     ORDER BY row""")
_ENTER = text("""
    INSERT INTO supplier_entry (supplier_id, item_id, field, value, valid_until, binding_id, certificate_id,
                                price_id, upload_id, person_id, entered_at)
    SELECT :supplier, w.item_id, w.field, w.value, w.until, w.binding_id, w.certificate_id, w.price_id,
           CAST(:upload AS bigint), :by, :now
      FROM unnest(CAST(:items AS bigint[]), CAST(:fields AS text[]), CAST(:values AS text[]),
                  CAST(:untils AS date[]), CAST(:bindings AS bigint[]), CAST(:certificates AS bigint[]),
                  CAST(:prices AS bigint[])) WITH ORDINALITY
             AS w (item_id, field, value, until, binding_id, certificate_id, price_id, place)
     ORDER BY w.place
        ON CONFLICT DO NOTHING""")
