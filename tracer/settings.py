"""What one installation may choose: read once, checked at once, never changed afterwards.

Every field of `Settings` is set by the environment variable `TRACER_<FIELD>`, or by the key of the same
name in the TOML file that `TRACER_CONFIG` names; the environment wins. A key nobody knows and a value that
cannot be right are refused, because a misspelt setting that is silently ignored is found too late.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracer.shared.kept_files import kept_text

LANGUAGES = ("zh", "en")
# Variables with our prefix that are no settings: where the file is, how strict a test run is, and the token
# of a client program.
NOT_SETTINGS = frozenset({"TRACER_CONFIG", "TRACER_REQUIRE_ALL", "TRACER_TOKEN"})
# The default belongs to the clone, wherever a command is given from: two clones never share by accident.
DEFAULT_DATA = Path(__file__).resolve().parent.parent / "var"
SECRET_FILE = "secret_key"
SECRET_MINIMUM = 32  # characters; what `secrets.token_hex(16)` gives


class BadSetting(ValueError):
    """A setting that cannot be right, told in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation's choices. Build it with `load_settings`, which checks them."""

    database_url: str | None = field(default=None, repr=False)
    """A PostgreSQL server, 15 or newer; unset: the embedded one, its files under `data`."""
    data: Path = DEFAULT_DATA
    """The folder for the embedded database and the secret key; unset: `var` beside this package."""
    secret_key: str = field(default="", repr=False)
    """Signs the session cookies; unset: made once and kept in `data`, readable by its owner only."""
    host: str = "127.0.0.1"
    """The address to listen on; a proxy on another machine needs 0.0.0.0."""
    port: int = 8000
    """The port to listen on; the plain variable PORT is honoured too. 0: any free one."""
    workers: int = 2
    """Web processes."""
    threads: int = 8
    """Requests served at once by each web process."""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    """Decides on which business day something happened."""
    language: str = "zh"
    """The language of people who have chosen none: zh or en."""
    session_hours: int = 12
    """A sign-in ends after so many hours."""
    tolerance: Decimal = Decimal("0.05")
    """The variance rate up to which a day is quiet: 0.05 is five per cent."""
    inhouse_prefix: str = "TR"
    """What labels printed in the house begin with."""
    label_font: Path | None = None
    """A TrueType font with Chinese characters, which printed labels embed; unset: each printer's own."""
    scan_separators: tuple[str, ...] = ()
    """What this house's scanners send for the separator GS, parted by blanks: `|` or `029`; `GS` where they
    are known to send it as it is."""
    encounter_pattern: str = r"[A-Za-z0-9-]{4,32}"
    """What the scan page takes for a wristband: a regular expression that the whole number matches."""
    deliver: bool = True
    """Whether `tracer serve` also tells other systems what changed; `tracer deliver` does it alone."""
    deliver_seconds: int = 1
    """How often it is looked for something to tell."""
    deliver_tries: int = 48
    """An event that failed so often waits for a person; the usual number is two to four days."""
    drop_folder: Path | None = None
    """Where the folders are that files for other systems are put into; unset: `drop` under `data`."""
    drop_seconds: int = 60
    """A folder is given a new file at most so often."""
    intake: bool = True
    """Whether `tracer serve` also takes in the files that are uploaded; `tracer intake` does it alone."""
    intake_folder: Path | None = None
    """Where uploaded files lie until they are taken in; unset: `intake` under `data`."""
    sample: bool = True
    """Whether an empty database is filled with the sample hospital at the first start."""

    @property
    def drop_root(self) -> Path:
        """The folder above all drop files' folders."""
        return self.drop_folder or self.data / "drop"

    @property
    def intake_root(self) -> Path:
        """The folder of files that wait to be taken in."""
        return self.intake_folder or self.data / "intake"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read, check and complete the settings; makes the data folder and its secret key if need be.

    Raises BadSetting.
    """
    environ = os.environ if environ is None else environ
    settings = read_settings(environ)
    return settings if settings.secret_key else replace(settings, secret_key=kept_secret(settings.data))


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings; opens no file but the one TRACER_CONFIG names. Raises BadSetting."""
    given: dict[str, Any] = {}
    if "PORT" in environ:
        given["port"] = _parsed("PORT", "port", environ["PORT"])
    if path := environ.get("TRACER_CONFIG"):
        for key, value in _toml(Path(path)).items():
            known = _known(key, f"{path}: {key}")
            given[known] = _parsed(f"{path}: {key}", known, value)
    for name, value in environ.items():
        if name.startswith("TRACER_") and name not in NOT_SETTINGS:
            key = _known(name.removeprefix("TRACER_").lower(), name)
            if value != "":  # set but empty means unset, as every shell script expects
                given[key] = _parsed(name, key, value)
    return Settings(**given)


def kept_secret(data: Path) -> str:
    """The secret key kept in the data folder; made now if there is none. Raises BadSetting."""
    path = data / SECRET_FILE
    try:
        data.mkdir(mode=0o711, parents=True, exist_ok=True)
        return _secret(kept_text(path, lambda: secrets.token_hex(32)))
    except OSError as error:
        raise BadSetting(f"TRACER_DATA={data}: the folder cannot be written to ({error.strerror})") from error
    except ValueError as error:
        raise BadSetting(f"{path}: {error}") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSetting(f"TRACER_CONFIG={path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"TRACER_CONFIG={path}: is no TOML ({error})") from error


def _known(key: str, name: str) -> str:
    if key in _PARSERS:
        return key
    near = get_close_matches(key, _PARSERS, n=1)
    meant = f"TRACER_{near[0].upper()}" if near and name.startswith("TRACER_") else "".join(near)
    raise BadSetting(f"{name}: there is no such setting" + (f"; did you mean {meant}?" if meant else ""))


def _parsed(name: str, key: str, value: Any) -> Any:
    try:
        return _PARSERS[key](str(value))
    except ValueError as error:
        shown = "" if key in {"secret_key", "database_url"} else f"={value}"
        raise BadSetting(f"{name}{shown}: {error}") from error


def _url(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("a PostgreSQL address is wanted, as postgresql://user:password@host:5432/database")
    return f"postgresql+psycopg://{rest}"


def _secret(text: str) -> str:
    if len(text) < SECRET_MINIMUM or len(set(text)) < 8:
        raise ValueError(
            f"too easy to guess; {SECRET_MINIMUM} or more random characters are wanted, "
            "as `openssl rand -hex 32` gives"
        )
    if re.search(r"change.?me|default|example|secret|password", text, re.IGNORECASE):
        raise ValueError("looks like a placeholder; take what `openssl rand -hex 32` gives")
    return text


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high} is wanted")
        return int(text)

    return parse


def _rate(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not (value.is_finite() and 0 <= value <= 1):
        raise ValueError("a rate from 0 to 1 is wanted, as 0.05 for five per cent")
    return value


def _flag(text: str) -> bool:
    try:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError("1 or 0 is wanted") from None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError("a time zone's name is wanted, as Asia/Shanghai") from None


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError("one of these is wanted: " + ", ".join(LANGUAGES))
    return text


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("a folder's whole path is wanted, from / on")
    return path


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression ({error})") from None
    return text


def _prefix(text: str) -> str:
    # Imported here: a house that keeps our prefix need not wait for the readers of all codes.
    from scanners import InHouse

    return InHouse(prefix=text).prefix  # which says what a scanner can tell from other codes


def _separators(text: str) -> tuple[str, ...]:
    from scanners import InHouse

    signs = tuple("\x1d" if sign == "GS" else sign for sign in text.split(" ") if sign)
    return InHouse(separators=signs).separators


_PARSERS: dict[str, Callable[[str], Any]] = {
    "database_url": _url,
    "data": lambda text: Path(text).expanduser(),
    "secret_key": _secret,
    "host": str,
    "port": _integer(0, 65535),
    "workers": _integer(1, 64),
    "threads": _integer(1, 64),
    "timezone": _zone,
    "language": _language,
    "session_hours": _integer(1, 168),
    "tolerance": _rate,
    "inhouse_prefix": _prefix,
    "label_font": _file,
    "scan_separators": _separators,
    "encounter_pattern": _pattern,
    "deliver": _flag,
    "deliver_seconds": _integer(1, 3600),
    "deliver_tries": _integer(1, 1000),
    "drop_folder": _folder,
    "drop_seconds": _integer(0, 86_400),
    "intake": _flag,
    "intake_folder": _folder,
    "sample": _flag,
}
assert set(_PARSERS) == {f.name for f in fields(Settings)}
