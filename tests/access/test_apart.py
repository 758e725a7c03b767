"""What needs pandas runs in a child: with its refusals, replaced when killed, gone with its parent."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tracer.access.apart import Apart, _in_child
from tracer.closing.errors import EarlierDayOpen

ROOT = Path(__file__).resolve().parent.parent.parent


def pid_of(_: object = None) -> int:
    return os.getpid()


def refuse() -> None:
    raise EarlierDayOpen(earlier="2026-03-10")


@pytest.fixture
def child(fresh_database: Engine) -> Apart:
    return Apart(fresh_database.url.render_as_string(hide_password=False))


def test_it_is_another_process_and_stays_the_same_one(child: Apart) -> None:
    first = child.run(pid_of)
    assert first != os.getpid()
    assert child.run(pid_of) == first


def test_a_refusal_comes_back_as_itself(child: Apart) -> None:
    with pytest.raises(EarlierDayOpen) as refused:
        child.run(refuse)
    assert refused.value.data == {"earlier": "2026-03-10"}
    assert "2026-03-10" in refused.value.message("zh")


def test_every_refusal_can_travel() -> None:
    refusal = pickle.loads(pickle.dumps(EarlierDayOpen(earlier="2026-03-10")))
    assert (type(refusal), refusal.data, str(refusal)) == (
        EarlierDayOpen,
        {"earlier": "2026-03-10"},
        "2026-03-10 is still open; days are closed in order",
    )


def test_a_child_that_was_killed_is_replaced(child: Apart) -> None:
    first = child.run(pid_of)
    os.kill(first, signal.SIGKILL)
    assert child.run(pid_of) != first


def test_a_child_ends_with_a_parent_that_was_killed(fresh_database: Engine) -> None:
    url = fresh_database.url.render_as_string(hide_password=False)
    code = textwrap.dedent(
        f"""
        import os, sys, time
        sys.path.insert(0, {str(ROOT)!r})
        from tracer.access.apart import Apart
        if __name__ == "__main__":
            print(Apart({url!r}).run(os.getpid), flush=True)
            time.sleep(60)
        """
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        try:
            os.kill(orphan, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


def test_it_has_a_connection_of_its_own(fresh_database: Engine, child: Apart) -> None:
    with Session(fresh_database) as session:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    assert child.run(_in_child, backend) != mine


def backend(session: Session) -> int:
    found: int = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return found
