"""What a system did with the codes it was told of, as its own newest export shows.

Corrections of single rows are followed where they are made (`tracer.catalog.mismatches.heeding`); here it is
what was decided about codes in this house and delivered to the system's endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from reconcile.codes import SYSTEMS
from reconcile.drift import FINDINGS, Extract, Seen, Told, watch
from tracer.exchange.queries import Heard, list_heard

PATIENCE_DAYS: Final = 1
"""How long a system may take before its silence is shown: an export is made once a day."""
MOST_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Drifted:
    """`findings`: silent or contradicting, the longest due first; `followed`: how many changes it made.

    `is_seen` is false where no export of the system has been loaded under its name.
    """

    is_seen: bool
    followed: int
    findings: tuple[Seen, ...]
    names: dict[str, str]


def drift_of(connection: Connection, source: str) -> Drifted:
    """Three statements and one for each code system."""
    newest = connection.execute(_NEWEST, {"source": source}).one_or_none()
    told = [one for heard in list_heard(connection, source) for one in _told(source, heard)]
    if newest is None or not told:
        return Drifted(newest is not None, 0, (), {})
    items = sorted({int(one.item) for one in told})
    fields = frozenset(system for system in SYSTEMS if system in newest.given)
    says: dict[tuple[str, str], list[str]] = {}
    for field in sorted(fields):
        asked = {"source": newest.source_id, "items": items}
        for row in connection.execute(_SAYS[field], asked):
            says.setdefault((str(row.item_id), field), []).append(row.value)
    seen = watch(told, Extract(source=source, at=newest.loaded_at, fields=fields, says=says),
                 patience_days=PATIENCE_DAYS)  # fmt: skip
    findings = sorted((one for one in seen if one.drift in FINDINGS), key=lambda one: -(one.days or 0))
    names = {str(row.id): row.name for row in connection.execute(_NAMES, {"items": items})}
    followed = sum(one.drift == "FOLLOWED" for one in seen)
    return Drifted(True, followed, tuple(findings), names)


def _told(source: str, heard: Heard) -> Iterable[Told]:
    """What an event about a code says of it; others say nothing here."""
    payload = heard.payload
    if heard.item_id is None or payload.get("system") not in SYSTEMS:
        return
    is_new = heard.topic == "binding.approved"
    if not is_new and heard.topic not in ("binding.retired", "binding.withdrawn"):
        return
    day = payload.get("valid_from") if is_new else payload.get("valid_to")
    yield Told(
        event=heard.event_id,
        source=source,
        item=str(heard.item_id),
        field=payload["system"],
        old=(payload.get("replaces") or {}).get("code") if is_new else payload["code"],
        new=payload["code"] if is_new else None,
        at=heard.received_at,
        effective=date.fromisoformat(day) if day else None,
    )


_NEWEST: Final = text("""
    SELECT e.source_id, e.given, e.loaded_at FROM claim_extract e JOIN claim_source s ON s.id = e.source_id
     WHERE s.name = :source ORDER BY e.id DESC LIMIT 1""")
_NAMES: Final = text("SELECT id, name FROM item WHERE id = ANY(CAST(:items AS bigint[]))")


def _says(field: str) -> str:
    """What the rows that name an item by any other of its codes say of this one."""
    return " UNION ".join(
        f"""SELECT b.item_id, c."{field}" AS value
              FROM code_binding b JOIN claim c ON c.source_id = :source AND c."{other}" = b.code
             WHERE b.item_id = ANY(CAST(:items AS bigint[])) AND b.system = '{other}'
               AND b.status IN ('approved', 'retired') AND c."{field}" <> ''"""
        for other in SYSTEMS
        if other != field
    )


_SAYS: Final = {field: text(_says(field)) for field in SYSTEMS}
