"""`tracer serve` whose workers also die at named points of a scan: `python -m tests.faults.dying_server`.

FAULT_BEFORE and FAULT_AFTER are how many scans of a thousand kill their worker just before the commit,
and after it before the answer: the two moments at which a retry must not guess.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

from tracer.charging import api
from tracer.cli import main

BEFORE, AFTER = (int(os.environ.get(name, "0")) / 1000 for name in ("FAULT_BEFORE", "FAULT_AFTER"))
_work_in_transaction = api.in_request_transaction


def perhaps_die(share: float) -> None:
    if random.SystemRandom().random() < share:
        os.kill(os.getpid(), signal.SIGKILL)


def dying(work: Callable[[Any], Any]) -> Any:
    def then_die(session: Any) -> Any:
        answer = work(session)
        perhaps_die(BEFORE)
        return answer

    answer = _work_in_transaction(then_die)
    perhaps_die(AFTER)
    return answer


if __name__ == "__main__":
    api.in_request_transaction = dying
    sys.exit(main(["serve"]))
