"""`tracer serve` as an operator starts it, on a data folder of its own, while a benchmark needs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Serving:
    port: int
    process: subprocess.Popen[str]

    def workers(self) -> list[psutil.Process]:
        """The web processes; the database's keeper and the deliverer are none."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "serve" in child.cmdline()]


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for an embedded database, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tracer-bench-") as folder:
        Path(folder).chmod(0o711)  # as root, the database's own user passes through it
        yield Path(folder) / "data"


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Serving]:
    """A server that answers. Ends it as Ctrl-C does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACER_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tracer", "serve"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**environment, "TRACER_DATA": str(data), "PORT": "0", "TRACER_SAMPLE": "0", **settings},
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline()  # said once requests are answered
        if not address:
            raise RuntimeError("the server did not start")
        yield Serving(int(address.rpartition(":")[2]), process)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
