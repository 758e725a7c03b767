"""Why a proposal says what it says, and what each row says of each field."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.codes import COMPARED, SYSTEMS
from reconcile.proposals.deciding import Settled, Value
from reconcile.proposals.evidence import is_near, pieces_between
from reconcile.proposals.folding import FOLDS, is_old_certificate, plain, read_number
from reconcile.proposals.lines import INSURANCE, UDI, Known
from reconcile.proposals.records import Difference, Reason


def differences(items: Sequence[Settled]) -> tuple[Difference, ...]:
    found = []
    for number, item in enumerate(items):
        for field in ("name", *COMPARED):
            rows = [line for line in item.rows if field in line.fields]
            if not rows:
                continue
            is_one = len({line.fields[field] for line in rows}) == 1  # in most, and then in every form
            found.append(
                Difference(
                    item=number,
                    field=field,
                    values=tuple((line.label, line.fields[field]) for line in rows),
                    agrees=is_one or len({line.folded[field] for line in rows}) == 1,
                    is_same_text=is_one or len({plain(field, line.fields[field]) for line in rows}) == 1,
                )
            )
    return tuple(found)


def reasons(
    alive: Sequence[Settled],
    gone: Sequence[Settled],
    new: Sequence[tuple[int, ...]],
    values: Sequence[Sequence[Value]],
    retired: Sequence[tuple[int, str]],
    rivals: Sequence[Sequence[str]],
    known: Known,
) -> tuple[Reason, ...]:
    """What speaks for it first; every fact once."""
    found: list[Reason] = []
    for item, made, said in zip(alive, new, values, strict=True):
        found += _agreeing(item)
        found += [_of_value(value) for value in said]
        found += [Reason(code, _keeping(code, of, item)) for code, of in item.first]
        found += [Reason("no_code_yet", (("system", SYSTEMS[s]), ("code", item.codes[s]))) for s in made]
        found += [Reason("still_missing", (("system", SYSTEMS[s]),), supports=False) for s in item.lacking]
    for codes in rivals:
        found += [Reason("may_exist", (("code", code),), supports=False) for code in codes]
    found += _apart(alive)
    found += [Reason("gone", (("item", _name(item)),)) for item in gone]
    found += _strays(alive, retired, known)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda reason: not reason.supports))


def _agreeing(item: Settled) -> list[Reason]:
    found = []
    for field in ("certificate", "maker", "model", "specification", "price"):
        rows = [line for line in item.rows if field in line.folded]
        if len({line.source for line in rows}) > 1 and len({line.folded[field] for line in rows}) == 1:
            found.append(Reason(f"same_{field}", (("value", rows[0].fields[field]),)))
    classes = sorted({line.class_ for line in item.rows if line.class_})
    if len(classes) == 1 and item.codes.get(INSURANCE, "").startswith(classes[0]):
        found.append(Reason("same_class", (("value", classes[0]),)))
    return found


def _of_value(value: Value) -> Reason:
    said = sorted({line.fields[value.field] for line in value.rows})
    match value.why:
        case "certificate_replaced":
            old = "、".join(text for text in said if is_old_certificate(text))
            return Reason(value.why, (("old", old), ("new", value.text)))
        case "maker_renamed":
            old = "、".join(text for text in said if text != value.text)
            return Reason(value.why, (("old", old), ("new", value.text)))
        case "box_price":
            return _box(value)
        case "most_say":
            count = sum(line.folded[value.field] == FOLDS[value.field](value.text) for line in value.rows)
            return Reason(value.why, (("field", value.field), ("count", str(count)), ("value", value.text)))
        case "register_says":
            return Reason(value.why, (("field", value.field), ("value", value.text)))
        case "conflicting":
            data = (("field", value.field), ("values", "、".join(said)))
            return Reason(value.why, data, supports=False)
    return Reason(value.why, (("values", "、".join(said)),))


def _box(value: Value) -> Reason:
    dear = max(value.rows, key=lambda line: read_number(line.folded["price"]) or 0)
    pieces = max(pieces_between(dear.folded, line.folded) for line in value.rows)
    return Reason(
        "box_price",
        (
            ("source", dear.source),
            ("box", dear.fields["price"]),
            ("pieces", str(pieces)),
            ("piece", value.text),
        ),
    )


def _keeping(code: str, of: str, item: Settled) -> tuple[tuple[str, str], ...]:
    rows = [line for line in item.rows if of in line.codes]
    if code == "had_it_first":
        since = min(line.since for line in rows if line.since)
        return (("code", of), ("item", _name(item)), ("since", since))
    return (("code", of), ("count", str(len(rows))))


def _apart(items: Sequence[Settled]) -> list[Reason]:
    """Items of one group that the model, or failing that the size, tells apart."""
    if len(items) < 2:
        return []
    for field, code in (("model", "models_differ"), ("specification", "specifications_differ")):
        values = [
            sorted({line.fields[field] for line in item.rows if field in line.fields})[:1] for item in items
        ]
        if all(values) and len({value[0] for value in values}) == len(values):
            return [Reason(code, (("values", "、".join(value[0] for value in values)),))]
    return []


def _strays(items: Sequence[Settled], retired: Sequence[tuple[int, str]], known: Known) -> list[Reason]:
    found = []
    for system, code in retired:
        package = known.packages.get(code) if system == UDI else None
        if package is not None:
            data = (("package", code), ("pieces", package.pieces), ("udi", package.udi))
            found.append(Reason("package_identifier", data))
            continue
        if not known.is_owned(system, code):
            found.append(Reason("nobody_owns", (("code", code), ("system", SYSTEMS[system]))))
            right = next((i.codes[system] for i in items if is_near(i.codes.get(system, ""), code)), "")
            if right:
                found.append(Reason("one_character_off", (("code", code), ("right", right))))
    return found


def _name(item: Settled) -> str:
    line = item.rows[0]
    return (
        " ".join(
            text
            for text in (
                line.fields.get("name"),
                line.fields.get("model") or line.fields.get("specification"),
            )
            if text
        )
        or line.label
    )
