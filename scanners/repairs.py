r"""What happens to a code between the symbol and us, and how each kind of damage is undone.

Every function here *proposes* other texts and the names of what was undone; nothing here decides. The
deciding, and the rule of proof, is :mod:`scanners.mending`. Names, as they stand in ``Scan.repairs``:

``whitespace_stripped``  CR, LF, TAB and blanks around the code (:mod:`scanners.parsing`)
``gs_replaced``          what stood in for GS: ``<GS>``, ``\x1d``, ``~1``, ``029``, ``|``, a site's own sign
``gs_restored``          a GS that was lost, where only one place for it gives a message
``fullwidth``            full-width letters and the punctuation of a Chinese input method
``case_flipped``         Caps Lock was on
``keyboard_layout``      the machine had a keyboard the scanner does not speak, or keys came by their numbers
``shift_fault``          Shift got stuck
``prefix_stripped``      what a scanner or its driver put in front: half an identifier, STX, asterisks, quotes
``suffix_stripped``      what was put behind, where no code can end so
``controls_removed``     control and invisible characters that no symbol holds there
``double_sent``          the same scan twice or three times in one text
``full_ascii``           a Code 39 reader took ``+D`` for ``d`` (:mod:`scanners.code39`)
``no_date``              a date of six zeros: the maker's "none" (:mod:`scanners.gs1.reading`)
``separators_restored``  ``<RS>``, ``{EOT}`` and the like in an envelope (:mod:`scanners.iso15434`)
``envelope_completed``   an RS or EOT that an envelope lost, where it must have stood (there, too)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from scanners import code39, keyboards
from scanners.gs1.elements import GS

WHITESPACE_STRIPPED = "whitespace_stripped"
GS_REPLACED = "gs_replaced"
GS_RESTORED = "gs_restored"
FULLWIDTH = "fullwidth"
CASE_FLIPPED = "case_flipped"
KEYBOARD_LAYOUT = "keyboard_layout"
SHIFT_FAULT = "shift_fault"
PREFIX_STRIPPED = "prefix_stripped"
SUFFIX_STRIPPED = "suffix_stripped"
CONTROLS_REMOVED = "controls_removed"
DOUBLE_SENT = "double_sent"
FULL_ASCII = "full_ascii"

WHITESPACE = "\r\n\t "

Proposals = Iterator[tuple[str, tuple[str, ...]]]

# --- what the keyboard and the input method made of it -----------------------------------------------------

_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# What an input method writes for the punctuation of a US keyboard. Neither GS1 nor the others allow "\",
# so "、", which stands on two keys, is "/".
_IME = {
    **{ord(wide): narrow for wide, narrow in zip("。、￥【】《》「」·“”‘’", "./$[]<>{}`\"\"''", strict=True)},
    ord("…"): "^",
    ord("—"): "_",
}
_FOLDED = re.compile("[\uff01-\uff5e\u3000。、￥【】《》「」·“”‘’…—]")
_DOUBLED = re.compile("……|——")
# Marks of writing direction and joining, and control characters that no agency puts there. Only at the
# ends: within a code, where something was, something may be missing.
_HIDDEN_SIGNS = "\u00ad\u200b-\u200f\u2060\ufeff\x00-\x03\x05-\x08\x0b\x0c\x0e-\x1b\x7f"
_INVISIBLE = re.compile(f"^[{_HIDDEN_SIGNS}]+|[{_HIDDEN_SIGNS}]+$")

# Codes that Caps Lock makes unreadable. A GS1 message without identifier is not among them, nor is one in
# an envelope: its keys are digits, and its lots may be in either case. A HIBC has no small letters at all;
# an address in capitals has none that Caps Lock did not make, or its own.
_RS = r"(?i:\x1e|[<{\[]rs[>}\]]|\\x1e|\\u001e|~d030)"
_CASE_MATTERS = re.compile(
    r"\s*(?:\][A-Za-z][0-9]|\*?\+[^A-Z]*[a-z]|[=&]|ma\.|mf|<udi|(?:[a-z]{2,6}[0-9]+\s*)+$"
    rf"|HTTPS?://(?=.*[a-z])|\[\)>(?!{_RS}?05(?!.*{_RS}06)))",
    re.DOTALL,
)

# ISBT 128 has no check, so only data without any capital were typed with Caps Lock on. "]e0" before what
# a message begins with is no "]E0", whose 13 digits a message that was cut may have.
_NO_PROOF_OF_CASE = re.compile(
    r"\s*(?:(?:\][A-Za-z][0-9])?[=&].*[A-Z]|\]e0(?:0[0-3]|1[0-7]|2[0-2]|30))", re.DOTALL
)


def as_typed(text: str) -> Proposals:
    """The text as it was before a keyboard or an input method had its way with it; first as it is."""
    yield text, ()
    shown = _INVISIBLE.sub("", text)
    hidden: tuple[str, ...] = ()
    if shown != text:
        hidden = (CONTROLS_REMOVED,)
        yield shown, hidden
    if (folded := fold_fullwidth(shown)) is not None:
        yield folded, (*hidden, FULLWIDTH)
        if (flipped := flip_case(folded)) is not None:
            yield flipped, (*hidden, FULLWIDTH, CASE_FLIPPED)
    if (flipped := flip_case(shown)) is not None:
        yield flipped, (*hidden, CASE_FLIPPED)
    for layout in keyboards.LAYOUTS:
        if (meant := layout.undone(shown)) is not None:
            yield meant, (*hidden, KEYBOARD_LAYOUT)
            if (flipped := flip_case(meant)) is not None:
                yield flipped, (*hidden, KEYBOARD_LAYOUT, CASE_FLIPPED)
    if (unshifted := keyboards.unshifted(shown)) is not None:
        yield unshifted, (*hidden, SHIFT_FAULT)


def fold_fullwidth(text: str) -> str | None:
    """The text with full-width forms and an input method's punctuation as ASCII; None if it holds none."""
    if _FOLDED.search(text) is None:
        return None
    return _DOUBLED.sub(lambda found: found.group()[0], text).translate(_FULLWIDTH).translate(_IME)


def flip_case(text: str) -> str | None:
    """The text as Caps Lock found it; None where Caps Lock cannot have made a code unreadable."""
    if _CASE_MATTERS.match(text) is None or not text.isascii() or _NO_PROOF_OF_CASE.match(text):
        return None
    return text.swapcase()


# --- what was put around it --------------------------------------------------------------------------------

# What is left of an identifier whose rest was swallowed: "]C", "C1", "C", "d2", "]".
# Only before a whole key: a GTIN alone that lost a digit would take the "0" of "]E0" for one of its own. Or
# before what begins another agency's codes and nothing else ("]" alone not before those of MA and ISBT 128,
# which have no check); of a label a letter before it may be part.
# "C" and 19 or 26 digits are a code of the national insurance, whose digits may pass for a message.
_HALF_IDENTIFIER = re.compile(
    r"(?:\][CdQ]?|C1|d2|Q3|[dQ]|C(?![0-9]{19}(?:[0-9]{7})?\Z))(?=0[0-3][0-9]{14}|\(0[0-3]\))"
    r"|(?:\][ACdQ]|A[0-7]|C[04]|d1|Q1|[ACdQ])(?=\+[A-Z]|=[/)]|MA\.[0-9]{3}\.|\[\)>|https?://)"
    r"|\](?=\+[A-Z]|\[\)>|https?://)"
    r"|(?:\][AC]?|A[0-7]|C0)(?=[A-Z]{2,6}[0-9]{6})"
)
# A driver's mark in front of something that says itself what it is; a GTIN alone does not. A GS is no mark
# but a message's, and so is "_" where more follow; "/$+" is within a HIBC, and "*+" begins one in Code 39.
_MARK = re.compile(
    r"[^0-9\]\x1d]{1,12}(?=\][A-Za-z][0-9])|[^0-9(\]\x1d]{1,12}(?=\(0[0-3]\))"
    r"|(?!_.*_|[/$*]+\+)[^0-9A-Za-z(\]+=&\[<\x1d]{1,4}(?=[0-9A-Za-z+=&(\[<])(?!(?:[0-9]{8}|[0-9]{12,14})\Z)"
)
_IDENTIFIERS = re.compile(r"(?:\][A-Za-z][0-9]){1,3}(?=\][A-Za-z][0-9])")
# "d2" and a key, which a full ASCII reader would have made of "+D2".
_HALF_OF_GS1 = re.compile(r"[de][0-4]\(?0[0-3]")
_HIBC = re.compile(r"(?:\][A-Za-z][0-9])?\*?\+")
# What comes in pairs, around what was copied out of a table: a quote at the end alone may be a serial's.
_QUOTES = re.compile("\"(.+)\"|'(.+)'", re.DOTALL)
_END_OF_ENVELOPE = "\x1e\x04"
# Behind a code: signs that none of the agencies allows as a last character, or a lot's own ";", which some
# drivers add; not both. Not what a keyboard makes of a value's own last character.
_TAIL = re.compile(r"(?:[\x03\x04#|^~\\]{1,4}|;{1,4})\Z")


def without_noise(text: str) -> Proposals:
    """The text without what a scanner, a driver or a second transmission added; first as it is."""
    yield text, ()
    bare = text.strip(WHITESPACE)
    if (once := sent_once(text.strip(_LINE_ENDS)) or sent_once(bare)) is not None:
        yield once, (DOUBLE_SENT,)
        bare_names: tuple[str, ...] = (DOUBLE_SENT,)
        bare = once
    else:
        bare_names = ()
    if bare[:1] == bare[-1:] == "*":
        # Code 39's own start and stop: both, since a serial may end in one.
        yield bare[1:-1], (*bare_names, PREFIX_STRIPPED)
        return
    if _QUOTES.fullmatch(bare):
        yield bare[1:-1], (*bare_names, PREFIX_STRIPPED, SUFFIX_STRIPPED)
        return
    starts = {found.end() for mark in (_IDENTIFIERS, _HALF_IDENTIFIER, _MARK) if (found := mark.match(bare))}
    # Not of a HIBC: there the last character is the check, and the one before it would do in 43 cases once.
    # Nor is the end of an envelope a sign that was added: there its beginning was lost.
    tail = None if "+" in bare[:4] or bare.endswith(_END_OF_ENVELOPE) else _TAIL.search(bare)
    for start in sorted(starts):
        yield bare[start:], (*bare_names, PREFIX_STRIPPED)
        if tail:
            yield bare[start : tail.start()], (*bare_names, PREFIX_STRIPPED, SUFFIX_STRIPPED)
    if tail:
        yield bare[: tail.start()], (*bare_names, SUFFIX_STRIPPED)
    expanded = None if _HALF_OF_GS1.match(bare) else code39.from_full_ascii(bare)
    if expanded is not None and _HIBC.match(expanded[0]):
        yield expanded[0], (*bare_names, FULL_ASCII)


_LINE_ENDS = "\r\n\t"
_BETWEEN = (re.compile(f"[{_LINE_ENDS}]+"), re.compile(f"[{WHITESPACE}]+"))


def sent_once(text: str) -> str | None:
    """One of a text that is the same scan twice or three times, with or without a line end between.

    A scan may be of several lines itself: the symbols of one pack, one after the other.
    """
    for times in (2, 3):
        length, rest = divmod(len(text), times)
        if not rest and length > 3 and text[:length] * times == text:
            return text[:length]
    if _BETWEEN[1].search(text) is None:
        return None
    for between in _BETWEEN:  # a blank may be the check character of a HIBC: first at line ends alone
        lines = between.split(text.strip(_LINE_ENDS))
        for times in (2, 3):
            count, rest = divmod(len(lines), times)
            if count and not rest and lines[:count] * times == lines and len(lines[0]) > 3:
                return "\n".join(lines[:count])
    return None


# --- what became of GS -------------------------------------------------------------------------------------

# What drivers and middleware write where the symbol had a separator. "{", "[", "~", "#", "^" and "\" are
# legal in no value of an AI; "<GS>" would be, letter by letter, but nobody's lot is called so.
STAND_IN = re.compile(
    r"<(?:GS|FNC1)>|\{(?:GS|FNC1)\}|\[GS\]|\\x1d|\\u001d|\\029|~d029|~1|\^\]|&#(?:29|x1d);", re.IGNORECASE
)
# Signs that sites choose; none is legal in a value of X characters. Then FS, RS, US, the neighbours of GS,
# and the pictures that systems draw of it: of Unicode, and of the code page behind Alt+29.
_TYPED_FOR_OTHERS = "@`"  # a British keyboard's quote, a German one's plus: at the end, a value's own
_CHOSEN = "|#^@~`$\x1c\x1e\x1f\t\u241d\u2194"
# A keypad code (Alt+029) whose digits arrived as digits, and an underline. A lot may hold them, too.
_KEYPAD = re.compile("(?=029[0-9]{2})")
_UNDERLINE = re.compile("_(?=[0-9]{2})")
_MOST_KEYPADS = 4
# Before what may follow a lot or a serial on a device. Two to five sound scans in 10,000 look so (counted
# with random lots of 5 to 12 digits, before any AI); before these AIs, one.
_HIDDEN_KEYPAD = re.compile("(?=029(?:10|11|17|21|22|240|30))")
_HIDDEN_UNDERLINE = re.compile("_(?=10|11|17|21|22|240|30)")
# The same of a GS that was lost without a trace: a lot that goes on with a date a device would have.
HIDDEN_DATE = re.compile("(?=1[17][0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9])")
LENGTH_OF_DATE = len("17") + 6
# What every message that begins with its key has in front of a first separator.
_SHORTEST_BEFORE = len("01") + 14 + len("10") + 1


def with_separators(text: str, separators: tuple[str, ...]) -> Proposals:
    """The text with GS where something stood in for it; first as it is. ``separators``: the site's own.

    A text that kept a GS has no other sign for it: what sends one sends them all.
    """
    yield text, ()
    if STAND_IN.search(text):
        yield STAND_IN.sub(GS, text), (GS_REPLACED,)
    for sign in (*separators, *("" if GS in text else _CHOSEN)):
        # What may be a value's own is none where it ends a value.
        own = sign in _TYPED_FOR_OTHERS and (text.endswith(sign) or f"{sign}(" in text)
        if sign in text and not own:
            yield text.replace(sign, GS), (GS_REPLACED,)


def with_possible_separators(text: str) -> Proposals:
    """A text that does not read, with GS for what a value could hold as well: ``_`` and ``029``."""
    return _with_soft_separators(text, _UNDERLINE, _KEYPAD)


def with_hidden_separators(text: str) -> Proposals:
    """The same of a text that does read, where a device's next AI would follow."""
    return _with_soft_separators(text, _HIDDEN_UNDERLINE, _HIDDEN_KEYPAD)


def with_hidden_dates(text: str, last: str) -> Proposals:
    """Elements that do read, with GS where the last value could end and an AI with its date begin."""
    bare = text.strip(WHITESPACE)
    for found in HIDDEN_DATE.finditer(bare, len(bare) - len(last) + 1):
        yield bare[: found.start()] + GS + bare[found.start() :], (GS_RESTORED,)


def _with_soft_separators(text: str, underline: re.Pattern[str], keypad: re.Pattern[str]) -> Proposals:
    """With GS for each ``_``, then for each choice of the first few ``029``.

    Nothing of a text that kept a GS: what sends one sends them all.
    """
    if GS in text:
        return
    if underline.search(text, _SHORTEST_BEFORE):
        yield underline.sub(GS, text), (GS_REPLACED,)
    places = [found.start() for found in keypad.finditer(text, _SHORTEST_BEFORE)][:_MOST_KEYPADS]
    for count in range(len(places), 0, -1):
        for chosen in combinations(places, count):
            mended: list[str] = []
            done = 0
            for place in chosen:
                mended += (text[done:place], GS)
                done = place + len("029")
            yield "".join(mended) + text[done:], (GS_REPLACED,)


def replace_stand_ins(text: str) -> tuple[str, list[int]]:
    """The text with every stand-in as one GS, and for each place in it (and its end) the original one."""
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in STAND_IN.finditer(text):
        pieces += (text[done : found.start()], GS)
        origin += range(done, found.start() + 1)
        done = found.end()
    pieces.append(text[done:])
    origin += range(done, len(text) + 1)
    return "".join(pieces), origin
