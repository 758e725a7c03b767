"""A file of codes becomes items, bindings, prices and packages: all of it, or nothing.

Every row is checked before anything is written, and all that is wrong is told at once. What the file
says and the catalogue knows already is left alone, so the same file a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracer.access import audit
from tracer.access.rules import GRANTED, WHOLE_HOSPITAL, Action, Actor, Role
from tracer.catalog.codes_file.findings import Finding, in_order
from tracer.catalog.codes_file.known import load_known, names_of
from tracer.catalog.codes_file.planning import Draft, plan
from tracer.catalog.codes_file.proposing import (
    founding_is_over,
    leave_certificates_to_approval,
    leave_to_approval,
    propose,
    propose_certificate_numbers,
)
from tracer.catalog.codes_file.rows import CODES, Reading, Sheet, read_rows
from tracer.catalog.codes_file.writing import Approved, Stamp, write, write_items
from tracer.catalog.errors import ImportRefused
from tracer.catalog.reading_sheets import read_sheet
from tracer.db.transaction import constraint_of
from tracer.shared.clock import Clock, today
from tracer.shared.errors import Invalid

# Imports run one after the other: each must see what the one before it has written. The timeouts
# of the bedside are not for 200,000 rows.
_BEGIN: Final = (
    text("SET LOCAL statement_timeout = '15min'"),
    text("SET LOCAL idle_in_transaction_session_timeout = '15min'"),
    text("SELECT pg_advisory_xact_lock(7403, 1)"),
)
_PERSON: Final = text("""
    SELECT p.id, g.role, g.scope FROM person p JOIN role_grant g ON g.person_id = p.id
     WHERE p.username = :name AND p.active""")
# An entry for each changed item; beyond so many, several share one: the chain's head is one row that a
# transaction rewrites with every entry, and the time for that grows with their square.
MOST_AUDIT_ENTRIES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReceipt:
    """What an import did. Ended bindings are those that were given a last day, mostly by a successor."""

    source: str
    rows: int
    items_new: int = 0
    items_changed: int = 0
    items_unchanged: int = 0
    bindings_new: int = 0
    bindings_ended: int = 0
    bindings_unchanged: int = 0
    prices_new: int = 0
    prices_ended: int = 0
    prices_unchanged: int = 0
    packages_new: int = 0
    packages_changed: int = 0
    packages_unchanged: int = 0
    certificates_new: int = 0
    proposed: bool = False
    """Codes and prices wait for approval; else they are in force."""
    remarks: tuple[Finding, ...] = ()

    @property
    def is_change(self) -> bool:
        """False if the catalogue is as it was."""
        return any(
            (
                *(self.items_new, self.items_changed, self.bindings_new, self.bindings_ended),
                *(self.prices_new, self.prices_ended, self.packages_new, self.packages_changed),
                self.certificates_new,
            )
        )

    def counts(self) -> dict[str, int]:
        return {f.name: getattr(self, f.name) for f in fields(self) if f.type == "int"}


def import_codes(
    session: Session,
    actor: Actor,
    sheet: Sheet,
    *,
    source: str,
    clock: Clock,
    approved: Approved | None = None,
) -> ImportReceipt:
    """Bring the catalogue to what a sheet says. `source` is the file's name, as findings give it.

    While the hospital is founded (nobody has approved anything yet) codes and prices are taken over as they
    stand. From then on they are proposals, which wait for approval, unless `approved` names who proposed
    and approved them before. A row without a start of validity holds from today, or for as long as it is
    known to hold already. Raises Forbidden, and ImportRefused with every finding; then nothing was written.
    """
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    reading = read_rows(sheet, source)
    day = today(clock)
    for statement in _BEGIN:
        session.execute(statement)
    proposes = approved is None and founding_is_over(session)
    known = load_known(session, reading.rows, proposed=proposes)
    drafts = plan(reading, known, day, lambda items: names_of(session, items))
    if reading.findings:
        raise ImportRefused(source, reading.findings, reading.remarks)
    freed = leave_to_approval(session, reading, drafts) if proposes else set()
    certificates = leave_certificates_to_approval(reading, drafts) if proposes else []
    stamp = Stamp(actor.id, source, clock.now(), day, approved)
    receipt = replace(
        _receipt(reading, drafts, proposed=proposes),
        certificates_new=propose_certificate_numbers(session, certificates, stamp),
    )
    if not receipt.is_change:
        return receipt
    changed = [draft for draft in drafts if draft.is_changed]
    try:
        if proposes:
            write_items(session, drafts, known.items, stamp)
            propose(session, drafts, stamp, freed)
        else:
            write(session, drafts, known.items, stamp)
    except (IntegrityError, psycopg.IntegrityError) as error:
        # Somebody who does not take the lock of imports wrote meanwhile; the database held the rule.
        finding = Finding(file=source, code="taken_meanwhile", data={"constraint": _constraint(error)})
        raise ImportRefused(source, [finding]) from error
    _keep_record(session, actor, clock, receipt, changed)
    return receipt


def import_files(
    session: Session,
    actor: Actor,
    paths: Sequence[Path],
    *,
    clock: Clock,
    approved: Approved | None = None,
) -> list[ImportReceipt]:
    """Import files one after the other: all of them or none. The first that is refused ends it.

    Raises Forbidden, ImportRefused.
    """
    actor.must(Action.IMPORT_CODES, at=WHOLE_HOSPITAL)
    return [
        import_codes(session, actor, read_sheet(path), source=path.name, clock=clock, approved=approved)
        for path in paths
    ]


def approved_by(session: Session, proposer: str, approver: str, second_approver: str) -> Approved:
    """Who stands for a file, by their user names. Raises Invalid unless they are three people of whom the
    first may propose and the others may approve, both codes and prices."""
    wanted = {
        proposer: (Action.SETTLE_CODES, Action.PROPOSE_PRICE),
        approver: (Action.APPROVE_CODES, Action.APPROVE_PRICE),
        second_approver: (Action.APPROVE_PRICE,),
    }
    if len(wanted) < 3:
        raise Invalid(
            field="approver", reason="提出人与两位批准人须为三人 / three different people are needed"
        )
    ids = []
    for name, actions in wanted.items():
        rows = session.execute(_PERSON, {"name": name}).all()
        may = {action for row in rows for action in GRANTED[Role(row.role)] if row.scope == WHOLE_HOSPITAL}
        if not may.issuperset(actions):
            raise Invalid(field=name, reason="没有此人，或无此权限 / no such person, or not allowed to")
        ids.append(rows[0].id)
    return Approved(*ids)


def _receipt(reading: Reading, drafts: Sequence[Draft], *, proposed: bool) -> ImportReceipt:
    new = sum(draft.is_new for draft in drafts)
    changed = sum(draft.is_changed for draft in drafts)
    added = [lane in CODES for draft in drafts for lane, _ in draft.added()]
    ended = [lane in CODES for draft in drafts for lane, _ in draft.ended()]
    packages = [package for draft in drafts for package in draft.packages]
    return ImportReceipt(
        source=reading.file,
        rows=len(reading.rows),
        items_new=new,
        items_changed=changed,
        items_unchanged=len(drafts) - new - changed,
        bindings_new=sum(added),
        bindings_ended=sum(ended),
        bindings_unchanged=sum(draft.unchanged.get("binding", 0) for draft in drafts),
        prices_new=len(added) - sum(added),
        prices_ended=len(ended) - sum(ended),
        prices_unchanged=sum(draft.unchanged.get("price", 0) for draft in drafts),
        packages_new=sum(package.id is None for package in packages),
        packages_changed=sum(package.id is not None and package.is_changed for package in packages),
        packages_unchanged=sum(not package.is_changed for package in packages),
        proposed=proposed,
        remarks=in_order(reading.remarks),
    )


def _keep_record(
    session: Session, actor: Actor, clock: Clock, receipt: ImportReceipt, changed: Sequence[Draft]
) -> None:
    """One audit entry for the import, and before and after of every known item that it changed."""
    counts: dict[str, Any] = receipt.counts()
    audit.record(
        session,
        actor,
        clock,
        action="import_codes",
        subject="codes_file",
        subject_id=receipt.source,
        after=counts,
    )
    size = -(-len(changed) // MOST_AUDIT_ENTRIES) or 1
    for at in range(0, len(changed), size):
        few = changed[at : at + size]
        single = size == 1
        before = {str(draft.item_id): _before(draft) for draft in few}
        after = {str(draft.item_id): _after(draft) for draft in few}
        audit.record(
            session,
            actor,
            clock,
            action="change_item",
            subject="item" if single else "items",
            subject_id=str(few[0].item_id) if single else f"{few[0].item_id}…{few[-1].item_id}",
            before=before[str(few[0].item_id)] if single else before,
            after=after[str(few[0].item_id)] if single else after,
            why=receipt.source,
        )


def _before(draft: Draft) -> dict[str, Any]:
    ended = {lane: str(span.value) for lane, span in draft.ended()}
    packages = {f"package {p.di}": p.before for p in draft.packages if p.is_changed and p.id is not None}
    return draft.before | ended | packages


def _after(draft: Draft) -> dict[str, Any]:
    ended = {lane: {"until": str(span.end)} for lane, span in draft.ended()}
    added = {lane: {"value": str(span.value), "since": str(span.start)} for lane, span in draft.added()}
    packages = {f"package {p.di}": p.base_units for p in draft.packages if p.is_changed}
    return draft.facts | ended | added | packages


def _constraint(error: IntegrityError | psycopg.IntegrityError) -> str:
    if isinstance(error, IntegrityError):
        return constraint_of(error) or ""
    return error.diag.constraint_name or ""
