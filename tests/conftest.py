"""What every test may ask for: a database made by the real migrations, and the real components.

The run starts one embedded PostgreSQL of its own, shared by all workers, when the first test asks for a
database. The migrations run once, into a template; every other database is a copy of it.

`session`          a session whose work is undone after the test; the fastest, for one connection's work
`engine`           this worker's database, for reading, and for what `session` builds upon
`fresh_database`   an engine on a database of this test alone, for real commits, threads and processes
`empty_database`   the address of a database without a single table, for migrations
`data_folder`      a place for another embedded server
`chromium` `zbar` `dmtx` `cjk_font`  a real component; without it the test is skipped, and the run says so
"""

from __future__ import annotations

import ctypes.util
import fcntl
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.orm import Session

from tracer.db import embedded, migrating
from tracer.db.engine import make_engine

TEMPLATE = "tracer_template"
MISSING = "MISSING: "
FOLDER: pytest.StashKey[Path] = pytest.StashKey()
# How long an example takes says how busy the machine is.
settings.register_profile("without a clock", deadline=None, max_examples=60)
settings.load_profile("without a clock")
# A test's data need not survive a power cut; a killed process loses nothing by this either.
NO_SYNC = {**embedded.DEFAULTS, "fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}

# --- one server for the run ------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """The folder of the run's server: made by the run's first process, known to its workers."""
    if hasattr(config, "workerinput"):
        config.stash[FOLDER] = Path(config.workerinput["tracer_folder"])
    else:
        folder = Path(tempfile.mkdtemp(prefix="tracer-tests-"))
        folder.chmod(0o711)  # as root, the server's own user passes through it
        config.stash[FOLDER] = folder
    # Whatever the person who runs the tests has set: no test touches their installation.
    for name in [name for name in os.environ if name.startswith("TRACER_") or name == "PORT"]:
        if name != "TRACER_REQUIRE_ALL":
            del os.environ[name]
    os.environ["TRACER_DATA"] = str(config.stash[FOLDER] / "data")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a pytest-xdist worker where the run's server lives."""
    node.workerinput["tracer_folder"] = str(node.config.stash[FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and FOLDER in config.stash:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def server_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The run's PostgreSQL server."""
    with embedded.server(pytestconfig.stash[FOLDER], defaults=NO_SYNC) as url:
        yield url


@pytest.fixture(scope="session")
def template(server_url: str, pytestconfig: pytest.Config) -> str:
    """The name of the migrated database that all others are copied from."""
    with (pytestconfig.stash[FOLDER] / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _administrator(server_url) as run:
            if not run("SELECT FROM pg_database WHERE datname = :name", name=TEMPLATE):
                draft = f"{TEMPLATE}_draft"
                run(f"DROP DATABASE IF EXISTS {draft}")
                run(f"CREATE DATABASE {draft}")
                migrating.upgrade(_renamed(server_url, draft))
                run(f"ALTER DATABASE {draft} RENAME TO {TEMPLATE}")
    return TEMPLATE


# --- databases -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def engine(server_url: str, template: str) -> Iterator[Engine]:
    """This worker's database. What a test commits here stays: use `session`, or `fresh_database`."""
    with _copy(server_url, template) as url, _engine(url) as made:
        yield made


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose work, commits included, is undone after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False, autoflush=False
        ) as made:
            yield made
        outer.rollback()


@pytest.fixture
def fresh_database(server_url: str, template: str) -> Iterator[Engine]:
    """An engine on a database of this test alone: commits, threads and child processes are real.

    A child process gets its address by `fresh_database.url.render_as_string(hide_password=False)`.
    """
    with _copy(server_url, template) as url, _engine(url) as made:
        yield made


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The address of a new database without tables."""
    with _copy(server_url, "template0") as url:
        yield url


@pytest.fixture
def data_folder(pytestconfig: pytest.Config) -> Path:
    """A new folder where, as root too, an embedded server can live; for tests of the server itself."""
    folder = Path(tempfile.mkdtemp(dir=pytestconfig.stash[FOLDER]))
    folder.chmod(0o711)
    return folder


@contextmanager
def _copy(server_url: str, template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with _administrator(server_url) as run:
        # Copied file by file: a sixth of the time of the log, and nobody else is in the template.
        run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield _renamed(server_url, name)
        run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    made = make_engine(url, pool_size=20, max_overflow=20)
    yield made
    made.dispose()


@contextmanager
def _administrator(server_url: str) -> Iterator[Callable[..., bool]]:
    """Runs one statement outside any transaction; says whether it returned a row."""
    engine = create_engine(_renamed(server_url, "postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def run(statement: str, **values: object) -> bool:
        with engine.connect() as connection:
            result = connection.execute(text(statement), values)
            return result.returns_rows and result.first() is not None

    yield run


def _renamed(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


# --- real components -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return _missing("Chromium", "sudo apt-get install -y chromium")


@pytest.fixture(scope="session")
def zbar() -> str:
    """The name of the ZBar library."""
    return ctypes.util.find_library("zbar") or _missing("ZBar", "sudo apt-get install -y libzbar0")


@pytest.fixture(scope="session")
def dmtx() -> str:
    """The name of libdmtx, which reads DataMatrix."""
    return ctypes.util.find_library("dmtx") or _missing("libdmtx", "sudo apt-get install -y libdmtx-dev")


@pytest.fixture(scope="session")
def cjk_font() -> str:
    """The path of a font with Chinese characters."""
    found = ""
    if shutil.which("fc-list"):
        asked = subprocess.run(
            ["fc-list", ":lang=zh-cn", "file"], capture_output=True, text=True, check=False
        )
        found = asked.stdout.partition(":")[0].strip()
    return found or _missing("a font with Chinese characters", "sudo apt-get install -y fonts-noto-cjk")


def _missing(what: str, remedy: str) -> str:
    pytest.skip(f"{MISSING}{what} — get it with: {remedy}")


def _missing_components(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    reasons = {report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}
    return sorted(reason.partition(MISSING)[2] for reason in reasons if MISSING in reason)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where every component is demanded, a missing one fails the run."""
    demanded = os.environ.get("TRACER_REQUIRE_ALL") == "1"
    if demanded and not hasattr(session.config, "workerinput") and _missing_components(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was missing, and how to get it."""
    if missing := _missing_components(config):
        terminalreporter.section("components missing on this machine", sep="-", yellow=True)
        for line in missing:
            terminalreporter.write_line(f"MISSING: {line}")
