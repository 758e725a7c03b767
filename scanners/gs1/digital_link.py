"""GS1 Digital Link: a web address that carries a GTIN and more (GS1 Digital Link URI syntax 1.4).

``http(s)://any-domain/[stem/]01/{gtin}[/22/..][/10/..][/21/..][?17=290331&..][#..]``

Which AIs are keys, which qualify a key and in what order, and which may stand in the query are
the dictionary's. Only the form with numeric AIs is read: not the names that version 1.3 dropped,
not the compressed form. Nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from urllib.parse import unquote

from scanners.gs1.dictionary import IDENTIFIERS, ApplicationIdentifier
from scanners.gs1.elements import Element, Split, misfit
from scanners.gs1.gtin_symbols import pad_gtin
from scanners.scan import ErrorCode, ParseError

# In capitals from symbols that save space with the alphanumeric mode of QR; never mixed.
ADDRESS = re.compile("(?:https?|HTTPS?)://")
# Of what RFC 3986 allows in an address; anything else means that this is none.
_LINK = re.compile(
    ADDRESS.pattern
    + r"[A-Za-z0-9.:\[\]-]+"
    + r"(/[A-Za-z0-9._~:/\[\]@!$&'()*+,;=%-]*)"
    + r"(?:\?([A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*))?"
    + r"(?:#[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?"
)
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
# An address within an address, but for one that a parameter names: two scans run together, of which the
# first would pass for the path before the second's key.
_ANOTHER = re.compile("(?<!=)(?:https?|HTTPS?)://")
_NEXT_BY_SEMICOLON = re.compile(";[0-9]{2,4}=")
_SHORT_GTINS = (8, 12, 13)


def _choices(sequences: str) -> Iterator[tuple[str, ...]]:
    """Of the alternative sequences of qualifiers each choice, in order: ``22,10,21|235``."""
    for sequence in sequences.split("|"):
        codes = [code for code in sequence.split(",") if code]
        for count in range(len(codes) + 1):
            yield from combinations(codes, count)


# The qualifiers that may follow each key.
_KEYS: dict[str, frozenset[tuple[str, ...]]] = {
    ai.code: frozenset(_choices(value))
    for ai in IDENTIFIERS.values()
    for name, value in ai.attributes
    if name == "dlpkey"
}


def split_link(text: str, start: int, end: int) -> Split | None:
    """The elements of a Digital Link; None for an address that is none."""
    link = _LINK.fullmatch(text, start, end)
    if link is None:
        return None
    path, query = link.groups()
    segments = path.split("/")
    first = _key_segment(segments)
    if not first:
        return None
    if another := find_another_address(text, start, end):
        return [], another
    key, qualifiers = segments[first], tuple(segments[first + 2 :: 2])
    at = link.start(1) + sum(map(len, segments[:first])) + first
    if qualifiers not in _KEYS[key]:
        at += len(key) + len(segments[first + 1]) + len(qualifiers[0]) + 3
        message = f"{', '.join(qualifiers)} cannot follow ({key}) in this order"
        return [], ParseError(ErrorCode.UNKNOWN_AI, at, message)
    elements: list[Element] = []
    for place in range(first, len(segments), 2):
        code, written = segments[place], segments[place + 1]
        at += len(code) + 1
        error = _add(elements, IDENTIFIERS[code], written, at)
        if error is not None:
            return elements, error
        at += len(written) + 1
    return elements, _add_query(elements, query, link.start(2), key, qualifiers) if query else None


def find_another_address(text: str, start: int, end: int) -> ParseError | None:
    """That a second address begins within the one at ``start``."""
    if text.find("://", start + len("https://"), end) < 0:
        return None
    another = _ANOTHER.search(text, start + 1, end)
    if another is None:
        return None
    return ParseError(ErrorCode.DUPLICATE, another.start(), "a second web address; one scan at a time")


def _key_segment(segments: list[str]) -> int:
    """Which segment is the key, followed by its value and its qualifiers to the end; 0 if none is."""
    for place in range(len(segments) - 2, 0, -2):
        code = segments[place]
        if code not in IDENTIFIERS or not segments[place + 1]:
            return 0
        if code in _KEYS:
            return place
    return 0


def _add_query(
    elements: list[Element], query: str, at: int, key: str, qualifiers: tuple[str, ...]
) -> ParseError | None:
    """Add the AIs among the query's keys. Other keys are the web server's, unless they are numbers."""
    if ";" in query and (another := _NEXT_BY_SEMICOLON.search(query)):
        # The first versions let ";" divide parameters as "&" does; it is legal in a value, too.
        place = at + another.start()
        return ParseError(ErrorCode.AMBIGUOUS, place, "';' divides parameters, or is part of a value")
    known = {ai.code for ai, _, _ in elements}
    for parameter in query.split("&"):
        code, equals, written = parameter.partition("=")
        if equals and code.isdecimal():
            ai = IDENTIFIERS.get(code)
            if ai is None or not ai.is_data_attribute:
                return ParseError(ErrorCode.UNKNOWN_AI, at, f"{parameter!r} cannot stand in the query")
            if _belongs_in_path(code, key, qualifiers):
                return ParseError(ErrorCode.UNKNOWN_AI, at, f"({code}) belongs in the path")
            place = at + len(code) + 1
            if code in known:
                return ParseError(ErrorCode.DUPLICATE, place, f"({code}) stands twice")
            known.add(code)
            # A blank in an address's query is "+", and legal in no value.
            error = _add(elements, ai, written.replace("+", " "), place)
            if error is not None:
                return error
        at += len(parameter) + 1
    return None


def _belongs_in_path(code: str, key: str, qualifiers: tuple[str, ...]) -> bool:
    """Whether the AI could have been one of the qualifiers beside those that are."""
    allowed = _KEYS[key]
    return (code,) in allowed and any(
        (*qualifiers[:place], code, *qualifiers[place:]) in allowed for place in range(len(qualifiers) + 1)
    )


def _add(elements: list[Element], ai: ApplicationIdentifier, written: str, at: int) -> ParseError | None:
    """Add the decoded value, a short GTIN padded; the error if it is no value of the AI."""
    value = written
    if "%" in written:
        broken = _BROKEN_ESCAPE.search(written)
        if broken:
            message = "% not followed by two hexadecimal digits"
            return ParseError(ErrorCode.CHARSET, at + broken.start(), message)
        value = unquote(written)
    if ai.pattern.fullmatch(value):
        elements.append((ai, value, at))
        return None
    if ai.code == "01" and len(value) in _SHORT_GTINS:
        gtin, error = pad_gtin(value, at, len(value))
        if gtin is not None:
            elements.append((ai, gtin, at))
        return error
    # Never "truncated": the address went on, or ended where it should.
    error = misfit(ai, value, 0, len(value), len(value) + 1)
    # Escapes are longer than what they stand for: point no further than the value reaches.
    return ParseError(error.code, at + min(error.at, len(written)), error.message)
