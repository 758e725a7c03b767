"""`tracer scanner-bridge` that makes a new key for every try: `python -m tests.bridge.forgetful`.

The mistake that neither the queue nor the service can mend; a harness that cannot see it is worth nothing.
"""

from __future__ import annotations

import json
import sys
import uuid
from dataclasses import replace

from tracer.bridge.waiting import Entry, Waiting
from tracer.cli import main

_first = Waiting.first


def first(self: Waiting) -> Entry | None:
    entry = _first(self)
    if entry is None:
        return None
    return replace(entry, body=json.dumps(json.loads(entry.body) | {"idempotency_key": str(uuid.uuid4())}))


if __name__ == "__main__":
    Waiting.first = first  # type: ignore[method-assign]
    sys.exit(main(["scanner-bridge", *sys.argv[1:]]))
