"""Why the two answers differ: classes, each with its clause and a predicate that looks at the evidence.

A class is no excuse: its predicate holds only if the answers differ in what the class is about and
in nothing else, so that a new difference falls through to "unexplained".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.beside_biip.asking import Answer, Pairs, Reading
from scanners import Scan, gtin
from scanners.gs1.dictionary import IDENTIFIERS
from scanners.gs1.relations import invalid_pair, unmet

GS = "\x1d"
_KNOWN_IDENTIFIER = re.compile(r"\s*\][A-EGI-ZcdeopszL][0-9A-Za-z]")
_AIM = re.compile(r"\s*(\][A-Za-z][0-9A-Za-z])")


@dataclass(frozen=True)
class Case:
    """A text and what both say of it."""

    text: str
    ours: Scan
    theirs: Answer

    @property
    def reading(self) -> Reading:
        """biip's, or the first of them."""
        return self.theirs.readings[0]

    @property
    def body(self) -> str:
        """The text without blanks around it and without its identifier."""
        text = self.text.strip("\r\n\t ")
        return text[3:] if _AIM.match(text) else text

    @property
    def code(self) -> str:
        return self.ours.error.code.value if self.ours.error else ""


@dataclass(frozen=True)
class Difference:
    """``right``: "ours", "biip", or "both" where the standard leaves it to the reader."""

    name: str
    right: str
    clause: str
    holds: Callable[[Case], bool]


def explain(case: Case) -> Difference | None:
    """The class the difference belongs to; None if it belongs to none."""
    kinds = READ_BY_US if case.ours.error is None else REFUSED_BY_US
    return next((kind for kind in kinds if kind.holds(case)), None)


# --- evidence ----------------------------------------------------------------------------------------------


def _same_elements(case: Case) -> bool:
    return case.ours.elements == case.reading.elements


def _none_of_theirs_missing_but_faulty(case: Case) -> bool:
    """Our elements are theirs but for those whose value fails a check of its component."""
    right = tuple(
        (code, value)
        for code, value in case.reading.elements
        if (check := IDENTIFIERS[code].check) is None or check(value) is None
    )
    return right == case.ours.elements and right != case.reading.elements


def _needs_separator(body: str, elements: Pairs) -> bool:
    """Whether a value without predefined length was ended by nothing but its own longest form."""
    here = 0
    for code, value in elements[:-1]:
        here = body.find(code + value, here)
        if here < 0:
            return False
        here += len(code + value)
        if not IDENTIFIERS[code].predefined_length and body[here : here + 1] != GS:
            return True
    return False


# By ISO/IEC 15424: FNC1 in first place.
_PROMISES_ELEMENTS = re.compile(r"\](?:C1|d[258B]|Q[34]|J[14]|e0|z[14]|L3|O5)")


def _plain(case: Case) -> bool:
    """Neither identifier, separator, bracket nor address says what the text is."""
    if _PROMISES_ELEMENTS.fullmatch(_identifier(case)):
        return False
    return not case.body.startswith(("]", "(", "http", GS)) and GS not in case.body.rstrip(GS)


def _begins_with_sound_key(case: Case) -> bool:
    body = case.body
    key = body[2:20] if body[:2] == "00" else body[2:16] if body[:2] in ("01", "02") else ""
    return (
        len(key) in (14, 18) and key.isascii() and key.isdecimal() and gtin.check_digit(key[:-1]) == key[-1]
    )


def _foreign_digits(case: Case) -> bool:
    return any(character.isdecimal() and not character.isascii() for character in case.text)


def _separated_too_often(case: Case) -> bool:
    return GS + GS in case.body.rstrip(GS) or case.body.startswith(GS + GS)


_LENGTHS = {"]E0": {13}, "]E4": {8}, "]I1": {14}, "]I0": {14}, "]E3": {15, 18}}


def _identifier(case: Case) -> str:
    found = _AIM.match(case.text)
    return found[1] if found else ""


def _not_what_the_identifier_promises(case: Case) -> bool:
    identifier = _identifier(case)
    if identifier in ("]E1", "]E2", "]I3"):
        return True
    return identifier in _LENGTHS and len(case.body) not in _LENGTHS[identifier]


def _two_readings_told(case: Case) -> bool:
    """Ours shows the readings, and biip's is one of them or cannot be what was meant."""
    shown = [reading.elements for reading in case.ours.readings]
    if case.code != "ambiguous" or not shown:
        return False
    if case.reading.elements in shown:
        return True
    codes = [code for code, _ in case.reading.elements]
    return bool(invalid_pair(codes)) or any(unmet(codes)) or _fails_a_check(case.reading.elements)


def _fails_a_check(elements: Pairs) -> bool:
    return any((check := IDENTIFIERS[code].check) is not None and check(value) for code, value in elements)


def _brackets_left_something_out(case: Case) -> bool:
    told = "".join(f"({code}){value}" for code, value in case.reading.elements)
    return told != "".join(case.text.split())


def _blank_within_brackets(case: Case) -> bool:
    return case.text.startswith("(") and any(character.isspace() for character in case.body)


def _strips_more_than_blanks(case: Case) -> bool:
    return case.text.strip() != case.text.strip("\r\n\t ") or case.body.strip() != case.body


def _address(case: Case) -> bool:
    return case.body.startswith("http")


def _link_query_breaks_a_rule(case: Case) -> bool:
    """A qualifier in the query, a number that is no AI, or one AI twice."""
    query = case.text.partition("?")[2].partition("#")[0]
    names = [name for name, equals, _ in (part.partition("=") for part in query.split("&")) if equals]
    path = case.text.partition("?")[0]
    return (
        any(name in ("10", "21", "22", "235", "01") for name in names)
        or any(name.isdecimal() and name not in IDENTIFIERS for name in names)
        or any(name in IDENTIFIERS and not IDENTIFIERS[name].is_data_attribute for name in names)
        or len(names) != len(set(names))
        or any(f"/{name}/" in path for name in names)
    )


def _is_no_address(case: Case) -> bool:
    return (
        re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*", case.body) is None
    )


def _link_path_is_none(case: Case) -> bool:
    """The path does not end with key, value and qualifiers in order, or the key is of no GTIN's length."""
    path = case.text.partition("?")[0].partition("#")[0]
    tail = re.search("/01/([0-9]+)((?:/[0-9]{2,4}/[^/]+)*)$", path)
    if tail is None or len(tail[1]) not in (8, 12, 13, 14):
        return True
    codes = tail[2].split("/")[1::2]
    return codes not in ([c for c in ("22", "10", "21") if c in codes], ["235"])


# --- what we refuse and biip reads -------------------------------------------------------------------------

REFUSED_BY_US = (
    Difference(
        "no GTIN",
        "both",
        "the elements are the same; a scan without (01), (02) or (03) names nothing to book",
        lambda case: case.code == "missing_di" and _same_elements(case),
    ),
    Difference(
        "AIs that may not stand together or lack another",
        "ours",
        "General Specifications 4.14.1 and 4.14.2, as the syntax dictionary has them",
        lambda case: case.code == "association" and _same_elements(case),
    ),
    Difference(
        "one AI with two values",
        "ours",
        "General Specifications 4.14.1: all occurrences have one value",
        lambda case: case.code == "duplicate" and _same_elements(case),
    ),
    Difference(
        "a component fails a check biip does not make",
        "ours",
        "the checks of the syntax dictionary; General Specifications 3.3-3.9 under each AI",
        _none_of_theirs_missing_but_faulty,
    ),
    Difference(
        "digits of another script",
        "ours",
        "General Specifications 7.11: the digits are those of ISO/IEC 646",
        _foreign_digits,
    ),
    Difference(
        "nothing to read",
        "ours",
        "General Specifications 7.8: a message has at least one element string",
        lambda case: case.reading.elements == (),
    ),
    Difference(
        "a value without a character",
        "ours",
        "General Specifications 3.2: N..8 has one to eight digits; biip's pattern for (30) lets none pass",
        lambda case: any(value == "" for _, value in case.reading.elements),
    ),
    Difference(
        "a symbol holds other than its identifier promises",
        "ours",
        "ISO/IEC 15424, E and I; General Specifications 5.1.2: 13 digits, 8, 14, and no item in an add-on",
        _not_what_the_identifier_promises,
    ),
    Difference(
        "no such identifier",
        "ours",
        "ISO/IEC 15424: a letter and a modifier 0-9, A-Z, a-z; biip skips any three characters",
        lambda case: case.text.strip().startswith("]") and not _identifier(case),
    ),
    Difference(
        "either of two readings",
        "ours",
        "scanners.mending: what may have been typed for a separator is never guessed; both are shown",
        _two_readings_told,
    ),
    Difference(
        "text that nothing proves to be a message",
        "ours",
        "scanners.gs1.plain: without identifier, separator or bracket only a sound key proves it",
        lambda case: _plain(case) and not _begins_with_sound_key(case),
    ),
    Difference(
        "a separator is missing",
        "ours",
        "General Specifications 7.8.5 and 7.8.6: every AI outside the closed list ends with FNC1 unless last",
        lambda case: not _address(case) and _needs_separator(case.body, case.reading.elements),
    ),
    Difference(
        "separators with nothing between them",
        "ours",
        "General Specifications 7.8.6: one FNC1 ends an element string; between two, something is missing",
        lambda case: not _address(case) and _separated_too_often(case),
    ),
    Difference(
        "an address with characters that none has",
        "ours",
        "RFC 3986: after blanks around it, only unreserved and reserved characters and escapes",
        lambda case: _address(case) and _is_no_address(case),
    ),
    Difference(
        "a broken escape in a link",
        "ours",
        "RFC 3986, 2.1: % and two hexadecimal digits; what was meant is lost",
        lambda case: _address(case) and re.search("%(?![0-9A-Fa-f]{2})", case.text) is not None,
    ),
    Difference(
        "an AI without a value in a link's query",
        "ours",
        "Digital Link URI syntax 1.4: a value was lost; biip leaves the AI out",
        lambda case: _address(case) and re.search("[?&][0-9]{2,4}=(?:[&#]|$)", case.body) is not None,
    ),
    Difference(
        "a link's query holds what belongs elsewhere",
        "ours",
        "Digital Link URI syntax 1.4: qualifiers in the path, each AI once, no numbers that are no AI",
        lambda case: _address(case) and _link_query_breaks_a_rule(case),
    ),
    Difference(
        "a link's path does not end with a key and its qualifiers in order",
        "ours",
        "Digital Link URI syntax 1.4, and GTIN-8, -12, -13, -14 only",
        lambda case: _address(case) and _link_path_is_none(case),
    ),
    Difference(
        "a blank within a bracketed value",
        "ours",
        "General Specifications 7.11: a blank is in no value, so it may be a lost character; biip drops it",
        _blank_within_brackets,
    ),
    Difference(
        "bracketed text of which biip leaves out a part",
        "ours",
        "General Specifications, HRI: all that is printed is data; biip skips what looks like no AI",
        lambda case: case.text.strip().startswith("(") and _brackets_left_something_out(case),
    ),
    Difference(
        "control characters around a code, or blanks behind its identifier",
        "ours",
        "ISO/IEC 15424: the data follow at once; a scanner ends with CR, LF or TAB, not with FS, RS or US",
        _strips_more_than_blanks,
    ),
)

# --- what we read and biip refuses or reads otherwise ------------------------------------------------------

_NO_MENDING = {"whitespace_stripped", "no_date"}


def _mended(case: Case) -> bool:
    return bool(set(case.ours.repairs) - _NO_MENDING)


def _range_of_days(case: Case) -> bool:
    return any(code == "7007" and len(value) == 12 for code, value in case.ours.elements)


READ_BY_US = (
    Difference(
        "mended, where a check digit or the only reading proves it",
        "ours",
        "scanners.mending; the repair is named, and biip mends nothing",
        _mended,
    ),
    Difference(
        "six zeros for no date",
        "ours",
        "real packs carry them; the message stands without a date, and the repair is named",
        lambda case: "no_date" in case.ours.repairs,
    ),
    Difference(
        "DotCode",
        "ours",
        "ISO/IEC 15424, J; biip raises, for its list of symbologies has none",
        lambda case: case.theirs.raised is not None and _identifier(case).startswith("]J"),
    ),
    Difference(
        "an EAN with its composite part",
        "ours",
        "ISO/IEC 24723 and 15424: the second message follows as ]e0; biip takes all for one number",
        lambda case: _identifier(case) in ("]E0", "]E3", "]E4") and "]e0" in case.body,
    ),
    Difference(
        "an EAN with its add-on",
        "ours",
        "ISO/IEC 15424, E3: 13 digits and two or five; biip takes them for one number",
        lambda case: _identifier(case) == "]E3" and len(case.body) in (15, 18),
    ),
    Difference(
        "a harvest from one day to another",
        "ours",
        "the dictionary: (7007) is one date or two; biip takes the second for a time of day",
        _range_of_days,
    ),
    Difference(
        "a component number of four characters",
        "both",
        "the dictionary: (8010) has one to thirty, of which a company prefix needs four; biip asks for five",
        lambda case: any(code == "8010" and len(value) < 5 for code, value in case.ours.elements),
    ),
    Difference(
        "a number alone that may be AIs as well",
        "both",
        "scanners.gs1.plain; biip offers the same GTIN beside a message that nothing proves",
        lambda case: case.theirs.gtin is not None and case.ours.elements == (("01", case.theirs.gtin),),
    ),
    Difference(
        "brackets in a value, or elements behind a separator in bracketed text",
        "ours",
        "General Specifications 7.11: ( and ) are of CSET 82; biip ends a value at any (",
        lambda case: (
            case.body.startswith("(")
            and (GS in case.text or any("(" in value for _, value in case.ours.elements))
        ),
    ),
)
