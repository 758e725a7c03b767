"""The yardstick: the statements of one scan of a lot, the service's own, sent by pgbench to the same server.

What pgbench reaches is what PostgreSQL can do here; what the service does less is the cost of HTTP,
of reading the code, of deciding and of being sure who asks.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import psycopg

from benchmarks.busy_hospital import (
    ENCOUNTERS,
    LOT_ITEMS,
    LOTS_PER_ITEM,
    SERIAL_ITEMS,
    WARDS,
    codes_of,
    di_of,
)
from scanners import parse
from tracer.access.once import _CLAIM
from tracer.access.queries import _BY_TOKEN
from tracer.access.tokens import digest_of
from tracer.charging.resolving import _WITH_DI
from tracer.charging.writing_scans import _WRITE_SCAN
from tracer.db import dwelling
from tracer.stock.moving import _POST
from tracer.stock.tables import Movement

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
RAW = "]d2010690000000150217281231" + "10L1"
# As much as a real answer and a real reading hold. (A colon before a letter or digit is a variable.)
ANSWER = {
    "outcome": "charged",
    "item": {
        "name": "耗材 150",
        "specification": "标准",
        "unit": "个",
        "codes": dict.fromkeys("abcde", "C02040100300003"),
    },
    "quantity": 1,
    "lot": "L1",
    "expiry": "2028-12-31",
    "encounter": "ZY100",
    "location": "W1",
    "business_date": "2026-01-01",
    "scanned_at": "2026-01-01T12",
    "choices": [],
    "warnings": [],
}
CHARGE = {"quantity": 1, "unit_price": "1.85", "amount": "1.85"}

# pgbench knows numbers only, so each of these items is a script of its own, chosen at random.
ITEMS = range(SERIAL_ITEMS, SERIAL_ITEMS + LOT_ITEMS, 5)
SETTINGS = f"""
\\set number random(1, 1000000000000)
\\set lot_number random(1, {LOTS_PER_ITEM})
\\set ward random(1, {WARDS})
\\set bed random(1, {ENCOUNTERS})
"""


@dataclass(frozen=True, slots=True)
class Yardstick:
    rate: float
    average_ms: float


def measure(data: Path, url: str, token: str, clients: int, seconds: int) -> Yardstick:
    """Scans a second by pgbench."""
    place = urlsplit(url)
    socket = parse_qs(place.query)["host"][0]
    with tempfile.TemporaryDirectory() as folder:
        scripts = [Path(folder) / f"{item}.sql" for item in ITEMS]
        for item, script in zip(ITEMS, scripts, strict=True):
            script.write_text(_script(token, item), encoding="utf-8")
        done = subprocess.run(
            [
                dwelling.find(data).programs / "pgbench",
                *("--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--jobs={min(2, clients)}"),
                *(f"--time={seconds}", f"--host={socket}", f"--username={place.username}"),
                *(f"--file={script}" for script in scripts),
                place.path.removeprefix("/"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise RuntimeError(f"pgbench: {done.stderr.strip()}")
    return Yardstick(float(rate[1]), 1000 * clients / float(rate[1]))


def _script(token: str, item: int) -> str:
    key = "('pgbench-' || :client_id || '-' || :number)"
    shared = {
        "key": key,
        "idempotency_key": key,
        "day": "CURRENT_DATE",
        "encounter": "('ZY' || :bed)",
        "location": "('W' || :ward)",
        "di": f"'{di_of(item)}'",
        "serial": "NULL",
        "lot": "('L' || :lot_number)",
        "wanted": "0",
        "digest": f"'\\x{digest_of(token).hex()}'::bytea",
    }
    found = {
        "origin_id": ":location_id",
        "target_id": "2",
        "location_id": ":location_id",
        "encounter_id": ":encounter_id",
        "item_id": ":item_id",
        "order_line_id": "nullif(:line_id, 0)",
        "movement_id": ":id",
        "person_id": ":person_id",
        "quantity": "1",
        "kind": "'use'",
        "document": "''",
        "device": "''",
        "origin": "'127.0.0.1'",
        "outcome": "'charged'",
        "unit_price": "1.85",
        "amount": "1.85",
        "raw": f"'{RAW}'::bytea",
        "parsed": _json({name: value for name, value in parse(RAW).as_dict().items() if name != "raw"}),
        "warnings": "'[]'",
        "answer": _json(ANSWER),
        "charge": _json(CHARGE),
        "occurred_at": "now()",
        "recorded_at": "now()",
        "scanned_at": "now()",
        "business_date": "CURRENT_DATE",
        **{system: f"'{code}'" for system, code in codes_of(item).items()},
    }
    looked_up = _sql(_WITH_DI, shared)
    columns = "location_id, encounter_id, item_id, coalesce(line_id, 0) AS line_id"
    moved = _sql(_POST, shared | found, [c.name for c in Movement.__table__.columns if c.name != "id"])
    return "\n".join(
        [
            SETTINGS,
            f"SELECT id AS person_id FROM ({_sql(_BY_TOKEN, shared)}) who \\gset",
            "BEGIN;",
            f"{_sql(_CLAIM, shared)};",
            f"SELECT {columns} FROM ({looked_up}) everything \\gset",
            f"{moved} \\gset",
            f"{_sql(_WRITE_SCAN, shared | found)};",
            "COMMIT;",
        ]
    )


def _sql(statement: Executable, values: dict[str, str], columns: list[str] | None = None) -> str:
    text = str(statement.compile(dialect=psycopg.dialect(), column_keys=columns))  # type: ignore[attr-defined]
    return PLACEHOLDER.sub(lambda found: values.get(found[1], "NULL"), text)


def _json(value: object) -> str:
    return "'" + json.dumps(value, ensure_ascii=False).replace("'", "''") + "'"
