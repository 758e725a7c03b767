"""GS1 Digital Link: a web address that carries a GTIN and more (GS1 Digital Link URI syntax 1.4).

``http(s)://any-domain/[stem/]01/{gtin}[/22/..][/10/..][/21/..][?17=290331&..][#..]``

Which AIs are keys, which qualify a key and in what order, and which may stand in the query are
the dictionary's. Only the uncompressed form with numeric AIs is read; nothing is looked up.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from scanners.gs1.dictionary import IDENTIFIERS, ApplicationIdentifier
from scanners.gs1.elements import Element, Split, misfit
from scanners.gs1.gtin_symbols import pad_gtin
from scanners.scan import ErrorCode, ParseError

# In capitals from symbols that save space with the alphanumeric mode of QR; never mixed.
ADDRESS = re.compile("(?:https?|HTTPS?)://")
_LINK = re.compile(
    ADDRESS.pattern + r"(?P<domain>[A-Za-z0-9.:-]+)(?P<path>/[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?"
)
# What RFC 3986 allows in a path or query; anything else means that this is no address.
_FOREIGN = re.compile(r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_NUMERIC = re.compile("[0-9]+")
_SHORT_GTINS = (8, 12, 13)

# An AI, its value as written, where that begins, and whether it stands in the query.
_Written = tuple[ApplicationIdentifier, str, int, bool]


def split_link(text: str, start: int, end: int) -> Split | None:
    """The elements of a Digital Link; None for an address that is none."""
    link = _LINK.fullmatch(text, start, end)
    if link is None or _FOREIGN.search(text, start, end):
        return None
    path = _path_elements(link["path"], link.start("path"))
    if path is None:
        return None
    elements: list[Element] = []
    error = _order_error(path)
    if error is not None:
        return elements, error
    query, query_error = _query_elements(link["query"] or "", link.start("query"))
    for ai, written, at, in_query in path + query:
        if in_query and any(ai is key for key, *_ in path):
            return elements, ParseError(ErrorCode.DUPLICATE, at, f"({ai.code}) in path and query")
        value, error = _value(ai, written, at, in_query)
        if error is not None:
            return elements, error
        elements.append((ai, value, at))
    return elements, query_error


def _path_elements(path: str, at: int) -> list[_Written] | None:
    """Key and qualifiers, which end the path; None if the path does not end so."""
    segments = path.split("/")
    found: list[_Written] = []
    place = at + len(path)
    while len(segments) > 2:
        written, code = segments.pop(), segments.pop()
        ai = IDENTIFIERS.get(code)
        if ai is None or not written:
            return None
        place -= len(written)
        found.insert(0, (ai, written, place, False))
        place -= len(code) + 2
        if _qualifiers(ai) is not None:
            return found
    return None


def _qualifiers(ai: ApplicationIdentifier) -> list[list[str]] | None:
    """The sequences of qualifiers this key may have; None if it is no key."""
    for name, value in ai.attributes:
        if name == "dlpkey":
            return [sequence.split(",") for sequence in value.split("|")]
    return None


def _order_error(path: list[_Written]) -> ParseError | None:
    """Qualifiers must follow one of the key's sequences, in order, with any left out."""
    (key, *_), *rest = path
    codes = [ai.code for ai, *_ in rest]
    for sequence in _qualifiers(key) or []:
        if codes == [code for code in sequence if code in codes]:
            return None
    message = f"{', '.join(codes)} cannot follow ({key.code}) in this order"
    return ParseError(ErrorCode.UNKNOWN_AI, rest[0][2], message)


def _query_elements(query: str, at: int) -> tuple[list[_Written], ParseError | None]:
    """The AIs among the query's keys. Other keys belong to the web server, unless they are numbers."""
    found: list[_Written] = []
    for parameter in query.split("&"):
        code, equals, written = parameter.partition("=")
        if _NUMERIC.fullmatch(code):
            ai = IDENTIFIERS.get(code)
            if ai is None or not ai.is_data_attribute or not equals:
                return found, ParseError(ErrorCode.UNKNOWN_AI, at, f"{parameter!r} cannot stand in the query")
            found.append((ai, written, at + len(code) + 1, True))
        at += len(parameter) + 1
    return found, None


def _value(ai: ApplicationIdentifier, written: str, at: int, in_query: bool) -> tuple[str, ParseError | None]:
    """The decoded value, a short GTIN padded; "+" is a blank in a query only."""
    broken = _BROKEN_ESCAPE.search(written)
    if broken:
        message = "% not followed by two hexadecimal digits"
        return "", ParseError(ErrorCode.CHARSET, at + broken.start(), message)
    value = unquote(written.replace("+", " ") if in_query else written)
    if ai.code == "01" and len(value) in _SHORT_GTINS:
        gtin, error = pad_gtin(value, at, len(value))
        return gtin or "", error
    if ai.pattern.fullmatch(value) is None:
        # Never "truncated": the address went on, or ended where it should.
        error = misfit(ai, value, 0, len(value), len(value) + 1)
        # Escapes are longer than what they stand for: point no further than the value reaches.
        return "", ParseError(error.code, at + min(error.at, len(written)), error.message)
    return value, None
