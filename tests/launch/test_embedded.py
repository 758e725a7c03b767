"""The embedded server: shared, found again, revived, private."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tracer.db import dwelling, embedded
from tracer.db.dwelling import EmbeddedError
from tracer.db.embedded import EmbeddedServer, running

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="a rule for root only")
# Starts the server, says so, and waits to be told to stop.
USER = """
import sys; from pathlib import Path; from tracer.db import embedded
with embedded.server(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def server(data_folder: Path) -> Iterator[EmbeddedServer]:
    started = embedded.start(data_folder)
    yield started
    started.stop()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def another_user(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(data)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate()
    assert process.returncode == 0


def kill_server(cluster: Path) -> None:
    found = running(cluster)
    assert found is not None
    os.kill(found.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while running(cluster) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_two_who_start_at_once_share_one_server_and_the_last_one_stops_it(data_folder: Path) -> None:
    first, second = another_user(data_folder), another_user(data_folder)
    url = said(first)
    assert url == said(second)
    cluster = dwelling.find(data_folder).cluster
    server = running(cluster)
    end(first)
    assert running(cluster) == server
    assert ask(url, "SELECT 1") == [(1,)]
    end(second)
    assert running(cluster) is None


def test_what_was_committed_survives_its_users_and_both_kinds_of_kill(data_folder: Path) -> None:
    owner = another_user(data_folder)
    url = said(owner)
    ask(url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
    owner.kill()  # the user is gone without a word: the server is found again
    owner.communicate()
    with embedded.server(data_folder) as found:
        assert found == url
        ask(url, "INSERT INTO kept VALUES (2)")
        kill_server(dwelling.find(data_folder).cluster)  # the server is gone: the next start recovers
    with embedded.server(data_folder):
        assert ask(url, "SELECT n FROM kept ORDER BY n") == [(1,), (2,)]
    assert running(dwelling.find(data_folder).cluster) is None


def test_a_killed_server_is_revived_while_others_still_hold_connections(server: EmbeddedServer) -> None:
    assert not server.revive()
    with psycopg.connect(server.url.replace("+psycopg", "")):
        kill_server(server.dwelling.cluster)
        assert server.revive()
    assert ask(server.url, "SELECT 1") == [(1,)]


def test_a_number_left_behind_that_now_is_another_process_does_not_matter(data_folder: Path) -> None:
    with embedded.server(data_folder):
        cluster = dwelling.find(data_folder).cluster
        pid_file = (cluster / "postmaster.pid").read_text()
    left_behind = cluster / "postmaster.pid"
    left_behind.write_text(pid_file.replace(pid_file.split("\n")[0], str(os.getpid()), 1))
    with embedded.server(data_folder) as url:
        assert ask(url, "SELECT 1") == [(1,)]


def test_a_start_killed_while_it_made_the_database_is_made_good(data_folder: Path) -> None:
    place = dwelling.find(data_folder)
    place.make_private(place.cluster.with_name("postgres.new"))
    with embedded.server(data_folder) as url:
        assert ask(url, "SELECT 1") == [(1,)]


def test_it_is_durable_private_and_on_no_network(server: EmbeddedServer) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "jit": "off",
        "server_encoding": "UTF8",
    }
    names = ", ".join(repr(name) for name in wanted)
    assert dict(ask(server.url, f"SELECT name, setting FROM pg_settings WHERE name IN ({names})")) == wanted  # type: ignore[arg-type]
    socket_folder = server.dwelling.socket.stat()
    assert stat.S_IMODE(socket_folder.st_mode) == 0o700


def test_ctrl_c_in_our_terminal_does_not_reach_it(server: EmbeddedServer) -> None:
    found = running(server.dwelling.cluster)
    assert found is not None
    assert os.getsid(found.pid) != os.getsid(0)


@pytest.mark.parametrize("name", ["d" * 120, "my tracer, it's 医院"])
def test_no_path_is_too_long_or_too_strange(data_folder: Path, name: str) -> None:
    data = data_folder / name
    with embedded.server(data) as url:
        assert ask(url, "SELECT 1") == [(1,)]
        socket_folder = dwelling.find(data).socket
    assert not socket_folder.is_relative_to(data)
    socket_folder.rmdir()


def test_a_forked_child_that_unwinds_does_not_stop_its_parents_server(server: EmbeddedServer) -> None:
    server._owner -= 1
    server.stop()
    server._owner += 1
    assert running(server.dwelling.cluster)


def test_the_keeper_revives_the_server_and_stops_it_when_its_web_server_was_killed(data_folder: Path) -> None:
    cluster = dwelling.find(data_folder).cluster
    with subprocess.Popen(
        [sys.executable, "-m", "tracer.db.keeper", str(data_folder)],
        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, start_new_session=True,
    ) as keeper:  # fmt: skip
        with embedded.server(data_folder) as url:
            kill_server(cluster)
            deadline = time.monotonic() + 30
            while not answers(url) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert answers(url)
        assert running(cluster)  # the keeper uses it still
        keeper.communicate(timeout=30)  # its input ends, as the kernel does it for the killed
    assert running(cluster) is None


def test_another_versions_data_is_refused_in_one_line(data_folder: Path) -> None:
    with embedded.server(data_folder):
        cluster = dwelling.find(data_folder).cluster
    (cluster / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"was made by PostgreSQL 15, but 18 is installed"):
        embedded.start(data_folder)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="cannot be written") as refused:
        embedded.start(tmp_path / "file" / "data")
    assert "\n" not in str(refused.value)


@as_root
def test_as_root_no_folder_becomes_more_open_and_private_ones_are_not_entered(data_folder: Path) -> None:
    private = data_folder / "private"
    private.mkdir(mode=0o700)
    above = [private, *private.parents]
    before = [path.stat().st_mode for path in above]
    with embedded.server(private / "data") as url:
        assert ask(url, "SELECT 1") == [(1,)]
    place = dwelling.find(private / "data")
    assert [path.stat().st_mode for path in above] == before
    assert place.home.parent == dwelling.STATE
    assert place.cluster.stat().st_uid != 0
    shutil.rmtree(place.home)


@as_root
def test_as_root_a_copied_or_renewed_folder_never_means_the_same_data(data_folder: Path) -> None:
    homes = []
    private = data_folder / "private"
    private.mkdir(mode=0o700)
    for name in ("one", "two"):
        homes.append(dwelling.find(private / name).home)
    shutil.rmtree(private / "two")
    shutil.copytree(private / "one", private / "two")
    homes.append(dwelling.find(private / "two").home)
    shutil.rmtree(private / "one")
    homes.append(dwelling.find(private / "one").home)
    assert len(set(homes)) == 4
    for home in homes:
        shutil.rmtree(home)


@as_root
def test_as_root_homes_are_left_alone(data_folder: Path) -> None:
    assert dwelling._may_live_in(data_folder)
    for home in (Path("/root/clone/var"), Path("/home/somebody/clone/var")):
        assert not dwelling._may_live_in(home)
