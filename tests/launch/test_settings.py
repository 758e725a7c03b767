"""Settings are read once, and a wrong one is told in one line."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from tracer.settings import BadSetting, kept_secret, load_settings, read_settings

GOOD_SECRET = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 8000, "zh")
    assert settings.tolerance == Decimal("0.05")
    assert settings.database_url is None


def test_the_default_data_folder_belongs_to_the_clone_whatever_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({}).data == Path(__file__).resolve().parents[2] / "var"


def test_the_plain_port_is_honoured_and_ours_wins() -> None:
    assert read_settings({"PORT": "8123"}).port == 8123
    assert read_settings({"PORT": "8123", "TRACER_PORT": "8124"}).port == 8124


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tracer.toml"
    file.write_text('port = 9000\nlanguage = "en"\nsample = false\ntolerance = 0.1\n')
    settings = read_settings({"TRACER_CONFIG": str(file), "TRACER_PORT": "9001"})
    assert (settings.port, settings.language, settings.sample) == (9001, "en", False)
    assert settings.tolerance == Decimal("0.1")


def test_set_but_empty_means_unset() -> None:
    assert read_settings({"TRACER_DATABASE_URL": "", "TRACER_PORT": ""}).database_url is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_common_spelling_of_a_database_address_is_taken(scheme: str) -> None:
    settings = read_settings({"TRACER_DATABASE_URL": f"{scheme}://u:p@h/d"})
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "http", "PORT=http: a whole number from 0 to 65535 is wanted"),
        ("TRACER_PORT", "70000", "TRACER_PORT=70000"),
        ("TRACER_PROT", "8000", "did you mean TRACER_PORT?"),
        ("TRACER_WORKERS", "0", "from 1 to 64"),
        ("TRACER_DATABASE_URL", "sqlite:///x.db", "postgresql://"),
        ("TRACER_TIMEZONE", "Shanghai", "Asia/Shanghai"),
        ("TRACER_TIMEZONE", "../../etc/passwd", "Asia/Shanghai"),
        ("TRACER_LANGUAGE", "de", "zh, en"),
        ("TRACER_TOLERANCE", "5%", "0.05"),
        ("TRACER_TOLERANCE", "NaN", "0.05"),
        ("TRACER_SAMPLE", "maybe", "1 or 0"),
        ("TRACER_ENCOUNTER_PATTERN", "(", "regular expression"),
        ("TRACER_INHOUSE_PREFIX", "t r", "2 to 6 letters"),
        ("TRACER_LABEL_FONT", "/no/such/font.ttf", "no such file"),
        ("TRACER_SECRET_KEY", "short", "too easy to guess"),
        ("TRACER_SECRET_KEY", "a" * 64, "too easy to guess"),
        ("TRACER_SECRET_KEY", "changeme-changeme-changeme-0123456789", "placeholder"),
        ("TRACER_CONFIG", "/nowhere/tracer.toml", "cannot be read"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(name: str, value: str, told: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({name: value})
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_wrong_key_in_the_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tracer.toml"
    file.write_text("prot = 9000\n")
    with pytest.raises(
        BadSetting, match=r"tracer\.toml: prot: there is no such setting; did you mean port\?"
    ):
        read_settings({"TRACER_CONFIG": str(file)})


@pytest.mark.parametrize("name", ["TRACER_SECRET_KEY", "TRACER_DATABASE_URL"])
def test_what_is_secret_is_not_repeated(name: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({name: "hunter2"})
    assert "hunter2" not in str(refused.value)
    url = "postgresql://u:hunter2@h/d"
    assert "hunter2" not in repr(
        read_settings({"TRACER_DATABASE_URL": url, "TRACER_SECRET_KEY": GOOD_SECRET})
    )


def test_a_secret_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = load_settings({"TRACER_DATA": str(tmp_path / "new")})
    again = load_settings({"TRACER_DATA": str(tmp_path / "new")})
    assert len(first.secret_key) == 64
    assert first.secret_key == again.secret_key
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600


def test_two_who_start_at_once_get_one_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: kept_secret(tmp_path / "data"), range(32)))) == 1


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="cannot be written") as refused:
        load_settings({"TRACER_DATA": str(tmp_path / "file" / "data")})
    assert "\n" not in str(refused.value)
