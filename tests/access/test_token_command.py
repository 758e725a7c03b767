"""`tracer token`, as an operator types it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.access.application import SETTINGS, make_app
from tracer.cli import main
from tracer.shared.clock import SetClock


@pytest.fixture(autouse=True)
def installation(house: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_DATABASE_URL", house.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRACER_SECRET_KEY", SETTINGS.secret_key)


def test_it_prints_a_token_alone_on_a_line_and_the_token_works(house: Engine, clock: SetClock, capsys):
    assert main(["token", "HIS", "--role", "his"]) == 0
    printed = capsys.readouterr()
    token = printed.out.removesuffix("\n")
    assert token and token.split() == [token] and printed.err == ""
    client = make_app(house, clock).test_client()
    page = client.get("/catalog", headers={"Authorization": f"Bearer {token}"})
    assert page.status_code == 200
    assert main(["token", "his", "--role", "his"]) == 0
    assert capsys.readouterr().out.strip() != token


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pda-9", "--role", "nuse"], "There is no role 'nuse'; there are: nurse "),
        (["pda-9", "--role", "nurse", "--scope", "NOWHERE"], "There is no location 'NOWHERE'"),
        (["wang", "--role", "admin"], "There is already an account 'wang' with another role or scope"),
        (["wang", "--role", "nurse"], "There is already an account 'wang' with another role or scope"),
        (["pda 9", "--role", "nurse"], "username: 1–64 characters without spaces expected"),
        (["pda-9"], "Missing option '--role'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(capsys, arguments: list[str], told: str):
    assert main(["token", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and told in printed.err and printed.err.count("\n") == 1
