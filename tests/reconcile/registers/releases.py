"""Releases of registers as their publishers pack them, written by the tests from real records."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden" / "registers"


def real_records() -> list[dict[str, Any]]:
    """The 92 records of the national database."""
    records: list[dict[str, Any]] = json.loads((GOLDEN / "nmpa_92.json").read_text("utf-8"))
    return records


def device(record: Mapping[str, Any]) -> str:
    """One `<device>` as the national packages write it."""
    fields = []
    for name, value in record.items():
        if isinstance(value, list):
            inner = {"packingList": "packing"}.get(name, "storage")
            entries = "".join(
                f"<{inner}>"
                + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in entry.items())
                + f"</{inner}>"
                for entry in value
            )
            fields.append(f"<{name}>{entries}</{name}>")
        else:
            fields.append(f"<{name}>{escape(str(value))}</{name}>")
    return f"<device>{''.join(fields)}</device>"


def part(devices: Iterable[str | Mapping[str, Any]], encoding: str = "UTF-8") -> bytes:
    """A part of a release; a device given as text is put in as it is."""
    body = "\n".join(each if isinstance(each, str) else device(each) for each in devices)
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<udid version="1.0">\n<header>'
        "<creationDate>2026-05-01</creationDate></header>\n<devices>\n"
        f"{body}\n</devices>\n</udid>\n"
    )
    return text.encode("gb18030" if encoding.upper().startswith("GB") else encoding)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def numbered(count: int, **more: Any) -> list[dict[str, Any]]:
    """Records like a real one, each with a key, an identifier and a model of its own."""
    real = real_records()
    made = []
    for number in range(count):
        di = f"{4_000_000_000_000 + number:014d}"
        own = {"deviceRecordKey": f"{di}2023", "zxxsdycpbs": di, "ggxh": f"MX-{number:06d}"}
        kept = {k: v for k, v in real[number % len(real)].items() if k not in ("sydycpbs", "btcpbs", "ybbm")}
        made.append({**kept, **own, **more})
    return made
