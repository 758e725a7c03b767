"""The administrator's page of what others are told: endpoints, events, dead letters, and decisions."""

from __future__ import annotations

import json
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    read,
    service,
)
from tracer.access.rules import Action
from tracer.catalog.words import system_names
from tracer.exchange.deciding import Decide, send_again, skip
from tracer.exchange.drifting import MOST_SHOWN, drift_of
from tracer.exchange.endpoints import (
    ChangeEndpoint,
    MakeEndpoint,
    change_endpoint,
    endpoint_to_test,
    make_endpoint,
    renew_secret,
    send_test,
)
from tracer.exchange.errors import UnknownEndpoint, UnknownEvent
from tracer.exchange.page_words import (
    DELIVERY_LOOKS,
    delivery_names,
    drift_names,
    endpoint_names,
    kind_names,
    try_words,
)
from tracer.exchange.queries import (
    EndpointView,
    Filter,
    find_endpoint,
    find_event,
    list_endpoints,
    list_events,
    list_topics,
)
from tracer.exchange.rules import DeliveryState, EndpointKind, EndpointState
from tracer.shared.errors import Refusal

LARGEST_ID = 2**63 - 1
LONGEST_SEARCH = 100

pages = Blueprint("exchange", __name__, template_folder="templates")


@pages.get("/exchange")
@permits(Action.MANAGE_EXCHANGE)
def exchange_page() -> str:
    """Every endpoint and how it stands; below, what was told, newest first."""
    wanted = _filter()

    def look(connection: Any) -> dict[str, Any]:
        return {
            "endpoints": list_endpoints(connection),
            "topics": list_topics(connection),
            "found": list_events(connection, wanted),
        }

    return render_template("exchange.html", wanted=wanted, older=_older, **_words(), **read(look))


@pages.get("/exchange/endpoints/new")
@permits(Action.MANAGE_EXCHANGE)
def new_endpoint_page() -> str:
    """The form of a new endpoint."""
    return _show_new()


@pages.post("/exchange/endpoints/new")
@permits(Action.MANAGE_EXCHANGE)
def make_endpoint_page() -> str | tuple[str, int]:
    """Make it and show it with its secret, this once; or the form again with the reason why not."""
    here, actor, form = service(), current_actor(), request.form
    try:
        command = MakeEndpoint(
            name=form.get("name", ""),
            kind=EndpointKind(form.get("kind", EndpointKind.WEBHOOK)),
            url=form.get("url", "").strip(),
            folder=form.get("folder", "").strip(),
            topics=_topics(),
            ca_file=form.get("ca_file", "").strip(),
            source=form.get("source", ""),
            secret=form.get("secret", "").strip(),
        )
        made, secret = in_request_transaction(
            lambda db: make_endpoint(db, actor, command, here.clock, here.settings.drop_root)
        )
    except ValueError:  # a kind that no form of ours sends
        return _show_new(), 422
    except Refusal as refusal:
        return _show_new(refusal.message(current_language())), refusal.status
    return _show_endpoint(made, secret=secret, made=True)


@pages.get("/exchange/endpoints/<int:number>")
@permits(Action.MANAGE_EXCHANGE)
def endpoint_page(number: int) -> str:
    """One endpoint: how it stands, its form, a test, another secret."""
    return _show_endpoint(number)


@pages.post("/exchange/endpoints/<int:number>")
@permits(Action.MANAGE_EXCHANGE)
def change_endpoint_page(number: int) -> Response | str | tuple[str, int]:
    """Change, pause, wake or end it."""
    here, actor, form = service(), current_actor(), request.form
    try:
        command = ChangeEndpoint(
            id=number,
            name=form.get("name", ""),
            state=EndpointState(form.get("state", EndpointState.ACTIVE)),
            url=form.get("url", "").strip() or None,
            topics=_topics(),
            ca_file=form.get("ca_file", "").strip(),
            source=form.get("source", ""),
        )
        in_request_transaction(lambda db: change_endpoint(db, actor, command, here.clock))
    except ValueError:
        return _show_endpoint(number), 422
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _show_endpoint(number, refused=refusal.message(current_language())), refusal.status
    flash(_("已保存"))
    return redirect(url_for("exchange.endpoint_page", number=number), 303)


@pages.post("/exchange/endpoints/<int:number>/secret")
@permits(Action.MANAGE_EXCHANGE)
def renew_secret_page(number: int) -> str:
    """Another secret, shown this once."""
    here, actor = service(), current_actor()
    secret = in_request_transaction(lambda db: renew_secret(db, actor, number, here.clock))
    return _show_endpoint(number, secret=secret)


@pages.post("/exchange/endpoints/<int:number>/test")
@permits(Action.MANAGE_EXCHANGE)
def test_endpoint_page(number: int) -> str:
    """Send a test and show what came back."""
    here, actor = service(), current_actor()
    ear = in_request_transaction(lambda db: endpoint_to_test(db, actor, number, here.clock))
    return _show_endpoint(number, tested=send_test(ear, here.settings.drop_root))


@pages.get("/exchange/events/<int:event>")
@permits(Action.MANAGE_EXCHANGE)
def event_page(event: int) -> str:
    """One event: its content, and every try at every endpoint."""
    return _show_event(event)


@pages.post("/exchange/events/<int:event>/<any(again,skip):decision>")
@permits(Action.MANAGE_EXCHANGE)
def decide_page(event: int, decision: str) -> Response | tuple[str, int]:
    """Send it once more, or do without."""
    here, actor = service(), current_actor()
    command = Decide(_known(event), _number("endpoint"), request.form.get("why", ""))
    carry_out = send_again if decision == "again" else skip
    try:
        in_request_transaction(lambda db: carry_out(db, actor, command, here.clock))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _show_event(event, refused=refusal.message(current_language())), refusal.status
    flash(_("将再次发送") if decision == "again" else _("已跳过"))
    return redirect(url_for("exchange.event_page", event=event), 303)


def _show_new(refused: str | None = None) -> str:
    root = service().settings.drop_root
    return render_template("exchange_new.html", given=request.form, root=root, refused=refused, **_words())


def _show_endpoint(number: int, **more: Any) -> str:
    found = read(lambda connection: find_endpoint(connection, _known(number)))
    if found is None:
        raise UnknownEndpoint(endpoint=number)
    given = request.form if more.get("refused") else _as_form(found)
    root = service().settings.drop_root
    source = found.source
    drifted = read(lambda connection: drift_of(connection, source)) if source else None
    return render_template(
        "exchange_endpoint.html",
        one=found,
        given=given,
        root=root,
        drifted=drifted,
        most_shown=MOST_SHOWN,
        drift_names=drift_names(current_language()),
        system_names=system_names(current_language()),
        **more,
        **_words(),
    )


def _as_form(found: EndpointView) -> dict[str, str]:
    return {
        "name": found.name,
        "url": found.url or "",
        "ca_file": found.ca_file or "",
        "source": found.source or "",
        "state": found.state,
        "topics": " ".join(found.topics),
    }


def _show_event(event: int, refused: str | None = None) -> str:
    found = read(lambda connection: find_event(connection, _known(event)))
    if found is None:
        raise UnknownEvent(event=event)
    payload = json.dumps(found.payload, ensure_ascii=False, indent=2)
    return render_template("exchange_event.html", one=found, payload=payload, refused=refused, **_words())


def _words() -> dict[str, Any]:
    return {
        "kind_names": kind_names(),
        "state_names": delivery_names(),
        "endpoint_names": endpoint_names(),
        "looks": DELIVERY_LOOKS,
        "try_words": try_words,
    }


def _filter() -> Filter:
    """What the address asks for; what no form of ours sends asks for nothing."""
    asked = request.args
    state = asked.get("state", "")
    text = {name: _printable(asked.get(name, "")) or None for name in ("item", "topic")}
    return Filter(
        **text,
        endpoint=_number("to") or None,
        state=DeliveryState(state) if state in set(DeliveryState) else None,
        before=_number("before") or None,
    )


def _older(before: int) -> str:
    asked = {name: request.args.get(name) or None for name in ("item", "topic", "to", "state")}
    return url_for("exchange.exchange_page", before=before, **cast(dict[str, Any], asked))


def _topics() -> tuple[str, ...]:
    """Parted by blanks, commas or lines."""
    return tuple(dict.fromkeys(request.form.get("topics", "").replace(",", " ").replace("，", " ").split()))


def _number(name: str) -> int:
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _known(number: int) -> int:
    """A number the database can hold; 0, which is nobody's, for any other."""
    return number if number <= LARGEST_ID else 0


def _printable(text: str) -> str:
    return "".join(one for one in text[:LONGEST_SEARCH] if one.isprintable()).strip()
