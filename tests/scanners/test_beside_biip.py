"""A second opinion: biip reads thousands of random messages, whole and damaged, as we do."""

from __future__ import annotations

import random
from datetime import date

import biip
from biip.gs1_messages import GS1Message

from scanners import gtin, parse
from tests.scanners.golden import GS

SEED = 20260115
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789-/.+()"
FIXED = {"01", "02", "11", "13", "15", "17", "20", "3103", "410"}


def _message(random_: random.Random) -> list[tuple[str, str]]:
    body = f"{random_.randrange(10**13):013}"
    day = f"{random_.randrange(100):02}{random_.randrange(1, 13):02}{random_.randrange(0, 29):02}"
    text = lambda longest: "".join(random_.choices(ALPHABET, k=random_.randrange(1, longest + 1)))  # noqa: E731
    gln = f"{random_.randrange(10**12):012}"
    choices = {
        "11": day,
        "17": day,
        "15": day,
        "10": text(20),
        "21": text(20),
        "240": text(30),
        "30": str(random_.randrange(10**8)),
        "20": f"{random_.randrange(100):02}",
        "3103": f"{random_.randrange(10**6):06}",
        "410": gln + gtin.check_digit(gln),
        "422": "156",
        "8008": day[:4] + "0112",
        "91": text(60),
        "713": text(20),
        "8012": text(20),
    }
    if choices["8008"][4:6] == "00":
        del choices["8008"]
    chosen = random_.sample(sorted(choices), k=random_.randrange(0, 6))
    elements = [("01", body + gtin.check_digit(body)), *((code, choices[code]) for code in chosen)]
    random_.shuffle(elements)
    return elements


def _written(elements: list[tuple[str, str]]) -> str:
    text = "".join(code + value + ("" if code in FIXED else GS) for code, value in elements)
    return text.removesuffix(GS)


def _damaged(text: str, random_: random.Random) -> str:
    place = random_.randrange(len(text))
    kind = random_.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + random_.choice("0123456789") + text[place + 1 :]
    return text[:place]


def _biip(text: str) -> list[tuple[str, str]] | None:
    """biip's elements, or None if it refuses the message or the GTIN in it."""
    try:
        message = GS1Message.parse(text)
    except biip.ParseError:
        return None
    if any(e.gtin_error or e.gln_error or e.sscc_error for e in message.element_strings):
        return None
    return [(element.ai.ai, element.value) for element in message.element_strings]


def test_whole_messages_read_alike():
    random_ = random.Random(SEED)
    for _ in range(3000):
        elements = _message(random_)
        text = _written(elements)
        scan = parse("]C1" + text, today=date.today())
        assert scan.error is None, (text, scan.error)
        assert list(scan.elements) == elements == _biip(text), text
        parsed = GS1Message.parse(text).element_strings.get(ai="17")
        assert scan.expiry == (parsed.date if parsed else None), text


def test_what_biip_refuses_of_damaged_messages_we_refuse_too():
    """We may be stricter (duplicates, an unknown country, a message without a GTIN), never laxer."""
    random_ = random.Random(SEED + 1)
    agreed = refused = 0
    for _ in range(3000):
        text = _damaged(_written(_message(random_)), random_)
        scan = parse("]C1" + text, today=date.today())
        theirs = _biip(text)
        if scan.error is None:
            assert theirs == list(scan.elements), (text, scan)
            agreed += 1
        else:
            refused += 1
    assert agreed > 300 and refused > 300  # both kinds were met
