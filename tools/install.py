"""Make `.venv` what the lock file says: `python3 tools/install.py {run|test}`.

Runs on a bare Python (3.11 or newer), does nothing when nothing changed, and may be started twice at once.
The packages come, checked by their hashes, from wherever pip is configured to look. Tracer itself is not
installed but found in this tree.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "installed-for"  # which place and Python it was made for
LOCKS = {"run": ROOT / "requirements.lock", "test": ROOT / "requirements-test.lock"}
# No path of ours in it: it works in any folder, also one with a space in its name.
COMMAND = """#!/bin/sh
exec "$(dirname "$0")/python" -m tracer "$@"
"""


def main(purpose: str) -> None:
    """Install what a purpose needs."""
    with _alone():
        _ensure_environment()
        _ensure_packages(purpose)


class _alone:
    """A lock on the tree's folder itself: it leaves no file behind, and ends with its holder."""

    def __enter__(self) -> None:
        self._folder = os.open(ROOT, os.O_RDONLY)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another installation in this folder")
            fcntl.flock(self._folder, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._folder)


def _ensure_environment() -> None:
    made_for = f"{ROOT}\n"
    if _works() and (not STAMP.exists() or STAMP.read_text() == made_for + _version()):
        _connect(made_for)
        return
    if importlib.util.find_spec("ensurepip") is None:
        _stop("Python's venv is missing; get it with: sudo apt-get install -y python3-venv")
    _say("making .venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            _stop("Python's venv is missing; get it with: sudo apt-get install -y python3-venv")
        _stop(f".venv could not be made: {_last_line(made.stderr or made.stdout)}")
    _connect(made_for)


def _works() -> bool:
    """Whether there is an environment whose Python still starts and finds its pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if STAMP.exists():
        check = check.replace(", pip", "")  # it did before; importing pip takes a while
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def _connect(made_for: str) -> None:
    """Let the environment's Python find this tree, and give it the command `tracer`."""
    if STAMP.exists():
        return
    asked = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (Path(asked.stdout.strip()) / "tracer.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = ENVIRONMENT / "bin" / "tracer"
    command.write_text(COMMAND)
    command.chmod(0o755)
    STAMP.write_text(made_for + _version())


def _version() -> str:
    asked = subprocess.run([PYTHON, "-V"], capture_output=True, text=True, check=True)
    return ".".join(asked.stdout.split()[1].split(".")[:2])


def _ensure_packages(purpose: str) -> None:
    lock = LOCKS[purpose]
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / f"installed-{purpose}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _say(f"installing the packages of {lock.name} (once; takes a minute or two)")
    options = ["--quiet", "--require-hashes", "--no-input", "--disable-pip-version-check", "--prefer-binary"]
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", *options, "-r", lock],
        env={**os.environ, "PIP_USER": "0"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
        reason = errors[-1].removeprefix("ERROR: ") if errors else _last_line(done.stdout)
        _stop(f"the packages could not be installed; can pip reach its registry? It says: {reason}")
    stamp.write_text(wanted)


def _last_line(text: str) -> str:
    return (text.strip() or "it gave no reason").splitlines()[-1].strip()


def _say(text: str) -> None:
    print(f"tracer: {text}", file=sys.stderr, flush=True)


def _stop(text: str) -> None:
    _say(text)
    sys.exit(2)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        _stop(f"cannot install here: {error.strerror}: {error.filename}")
