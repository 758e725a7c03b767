"""Suppliers over HTTP: what a supplier's own system does, and what the hospital's does."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from tracer.access.edge import (
    current_actor,
    current_language,
    in_request_transaction,
    permits,
    receipt,
    service,
)
from tracer.access.fields import answers
from tracer.access.rules import Action
from tracer.catalog.suppliers import queries
from tracer.catalog.suppliers.assigning import (
    add_supplier,
    assign_items,
    assign_person,
    end_items,
    end_person,
)
from tracer.catalog.suppliers.entering import enter_once
from tracer.catalog.suppliers.owning import supplier_of
from tracer.catalog.suppliers.reviewing import (
    approve_entries,
    approve_undisputed,
    get_supplier,
    open_entries,
    return_entries,
)
from tracer.catalog.suppliers.schemas import (
    ApproveEntriesIn,
    AssignedOut,
    CountOut,
    DecidedOut,
    DifferenceOut,
    DifferencesOut,
    EnteredOut,
    EntriesIn,
    EntriesOut,
    EntriesQuery,
    EntryPath,
    ItemsIn,
    MaterialsIn,
    PersonIn,
    ReturnEntriesIn,
    SoldItemOut,
    SoldItemsOut,
    SoldQuery,
    SupplierIn,
    SupplierMadeOut,
    SupplierOut,
    SupplierPath,
    SuppliersOut,
    WithdrawnOut,
)
from tracer.catalog.suppliers.withdrawing import withdraw
from tracer.catalog.workflow_api import UNDECIDED, told

api = APIBlueprint(
    "suppliers_api",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="Suppliers", description="What suppliers say of their items, and what became of it")],
)


@api.get("/supplier/items", summary="What the asking supplier sells here", responses={200: SoldItemsOut})
@permits(Action.SUPPLY)
def my_items(query: SoldQuery) -> Response:
    """What came back first, then what lacks something."""
    actor, clock = current_actor(), service().clock
    found = in_request_transaction(
        lambda db: queries.sold_items(
            db, supplier_of(db, actor), clock, words=query.q, only=query.only, page=query.page
        )
    )
    items = [SoldItemOut.of(one) for one in found.rows]
    return told(SoldItemsOut(found=found.found, page=found.page, pages=found.pages, items=items))


@api.get("/supplier/entries", summary="What the asking supplier has entered", responses={200: EntriesOut})
@permits(Action.SUPPLY)
def my_entries(query: EntriesQuery) -> Response:
    """The newest first, and what became of each."""
    actor, state = current_actor(), query.state or ""
    found = in_request_transaction(
        lambda db: queries.entries(db, supplier_of(db, actor), state=state, page=query.page)
    )
    return told(EntriesOut.of(found))


@api.post("/supplier/entries", summary="Enter codes, certificates and prices", responses=answers(EnteredOut))
@permits(Action.SUPPLY)
def enter(body: EntriesIn) -> Response:
    """Every row is answered: taken, unchanged, or refused and why. A refused row holds no other up."""
    actor, clock = current_actor(), service().clock
    rows = [one.model_dump() for one in body.rows]
    return receipt(
        in_request_transaction(lambda db: enter_once(db, actor, clock, body.idempotency_key, rows))
    )


@api.post(
    "/supplier/entries/<int:entry>/withdrawal",
    summary="Take an entry back",
    responses={200: WithdrawnOut, **UNDECIDED},
)
@permits(Action.SUPPLY)
def take_back(path: EntryPath) -> Response:
    """As long as nobody has decided on it."""
    actor, clock = current_actor(), service().clock
    in_request_transaction(lambda db: withdraw(db, actor, clock, path.entry))
    return told(WithdrawnOut(withdrawn=path.entry))


@api.get("/suppliers", summary="All suppliers", responses={200: SuppliersOut})
@permits(Action.VIEW_SUPPLIERS)
def list_all() -> Response:
    """Those whose entries wait for the hospital first."""
    found = in_request_transaction(queries.list_suppliers)
    return told(SuppliersOut(suppliers=[SupplierOut.of(one) for one in found]))


@api.post("/suppliers", summary="A new supplier", responses={201: SupplierMadeOut, **UNDECIDED})
@permits(Action.MANAGE_SUPPLIERS)
def add(body: SupplierIn) -> tuple[Response, int]:
    actor, clock = current_actor(), service().clock
    made = in_request_transaction(lambda db: add_supplier(db, actor, clock, code=body.code, name=body.name))
    return told(SupplierMadeOut(id=made)), 201


@api.post(
    "/suppliers/<int:supplier>/items",
    summary="A supplier sells these items here",
    responses={200: AssignedOut, **UNDECIDED},
)
@permits(Action.MANAGE_SUPPLIERS)
def sells(path: SupplierPath, body: MaterialsIn) -> Response:
    """By their material codes; all or none."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(lambda db: assign_items(db, actor, clock, path.supplier, body.materials))
    return told(AssignedOut(added=done.added, already=done.already))


@api.post(
    "/suppliers/<int:supplier>/items/endings",
    summary="A supplier sells these items no more",
    responses={200: CountOut, **UNDECIDED},
)
@permits(Action.MANAGE_SUPPLIERS)
def sells_no_more(path: SupplierPath, body: ItemsIn) -> Response:
    """It sees nothing of them from now on."""
    actor, clock = current_actor(), service().clock
    return told(
        CountOut(
            count=in_request_transaction(lambda db: end_items(db, actor, clock, path.supplier, body.items))
        )
    )


@api.post(
    "/suppliers/<int:supplier>/people",
    summary="A person acts for a supplier",
    responses={200: CountOut, **UNDECIDED},
)
@permits(Action.MANAGE_SUPPLIERS)
def acts(path: SupplierPath, body: PersonIn) -> Response:
    """For one at a time."""
    actor, clock = current_actor(), service().clock
    in_request_transaction(lambda db: assign_person(db, actor, clock, path.supplier, body.person))
    return told(CountOut(count=1))


@api.post(
    "/suppliers/<int:supplier>/people/endings",
    summary="A person acts for a supplier no more",
    responses={200: CountOut, **UNDECIDED},
)
@permits(Action.MANAGE_SUPPLIERS)
def acts_no_more(path: SupplierPath, body: PersonIn) -> Response:
    """They see nothing of it from now on."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(lambda db: end_person(db, actor, clock, path.supplier, body.person))
    return told(CountOut(count=int(done)))


@api.get(
    "/suppliers/<int:supplier>/entries",
    summary="What waits of a supplier, as differences",
    responses={200: DifferencesOut, **UNDECIDED},
)
@permits(Action.VIEW_SUPPLIERS)
def differences(path: SupplierPath) -> Response:
    """What holds now, what the supplier says, what a register says; and why to look."""
    clock = service().clock
    found = in_request_transaction(lambda db: open_entries(db, clock, get_supplier(db, path.supplier).id))
    return told(DifferencesOut(entries=[DifferenceOut.of(one) for one in found]))


@api.post(
    "/suppliers/<int:supplier>/entries/approvals",
    summary="Approve what a supplier entered",
    responses={200: DecidedOut, **UNDECIDED},
)
@permits(Action.APPROVE_CODES)
def approve(path: SupplierPath, body: ApproveEntriesIn) -> Response:
    """Named entries, or all of which nothing speaks for a look. A price takes two people."""
    actor, clock = current_actor(), service().clock
    if body.undisputed and not body.ids:
        done = in_request_transaction(lambda db: approve_undisputed(db, actor, clock, path.supplier))
    else:
        done = in_request_transaction(
            lambda db: approve_entries(
                db, actor, clock, path.supplier, body.ids, why=body.why, exception=body.exception
            )
        )
    return told(DecidedOut.of(done, current_language()))


@api.post(
    "/suppliers/<int:supplier>/entries/returns",
    summary="Return what a supplier entered, with a reason",
    responses={200: CountOut, **UNDECIDED},
)
@permits(Action.APPROVE_CODES)
def give_back(path: SupplierPath, body: ReturnEntriesIn) -> Response:
    """The supplier reads the reason."""
    actor, clock = current_actor(), service().clock
    done = in_request_transaction(
        lambda db: return_entries(db, actor, clock, path.supplier, body.ids, why=body.why)
    )
    return told(CountOut(count=done))
