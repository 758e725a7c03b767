"""What a scanner typed on one keyboard, and the machine read on another.

A scanner that types sends key presses of a US keyboard. A machine set to another layout, or with Caps
Lock on, turns them into other characters, always the same ones: a mapping that can be undone. Nothing
here says that it *was* the cause; :mod:`scanners.mending` asks for proof.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# The keys from top left to bottom right: digits row, Q row, A row, Z row; alone and with Shift. "\0"
# stands for a key that types nothing by itself, or something that is not certain.
_US = (
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
    '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?',
)
_UK = (
    "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./",
    '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?',
)
_GERMAN = (
    "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-",
    "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_",
)
_SWISS = (
    "§1234567890'^qwertzuiopü¨$asdfghjklöäyxcvbnm,.-",
    '°+"*ç%&/()=?`QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_',
)
_FRENCH = (
    "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!",
    "\0001234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§",
)
# Belgium, and Apple's French.
_BELGIAN = (
    "²&é\"'(§è!çà)-azertyuiop^$µqsdfghjklmùwxcvbn,;:=",
    "³1234567890°_AZERTYUIOP¨*£QSDFGHJKLM%WXCVBN?./+",
)


class Layout(NamedTuple):
    """One way a machine may have misread keys. ``sign``: what a text so typed cannot do without."""

    name: str
    undo: dict[int, str]
    sign: re.Pattern[str]

    def undone(self, text: str) -> str | None:
        """The text as the scanner meant it; None if this layout cannot have typed it."""
        if self.sign.search(text) is None:
            return None
        meant = [self.undo.get(ord(character), character if character < " " else "") for character in text]
        return "".join(meant) if all(meant) else None


def _undo(layout: tuple[str, str], *, shift_lock: bool = False) -> dict[int, str]:
    """From what was read to what was meant. ``shift_lock``: Caps Lock works on every key of the layout."""
    typed = layout[::-1] if shift_lock else layout
    table = {" ": " "}
    for read, meant in zip("".join(typed), "".join(_US), strict=True):
        if read != "\0":
            table.setdefault(read, meant)
    return {ord(read): meant for read, meant in table.items()}


# A page that takes the number of a key for that of a character shows Latin-1 for punctuation ("QC-157" as
# "QC½157"), and Shift is lost: "½" is "-" or "_". Where both can be, both are proposed; HIBC has but one.
_ASCII = {code: chr(code) for code in range(0x20, 0x7F)}
_BY_NUMBER = tuple(
    _ASCII | {ord(shown): meant for shown, meant in zip("»¼½¾¿", keys, strict=True)}
    for keys in ("=,-./", "+<_>?", "+,-./")
)
_NUMBERED = re.compile("[»¼½¾¿]")

# The signs: letters with accents stand where a code has digits or punctuation; the identifier "]d2" or
# the bracket "(01)" have turned into something that begins no code.
LAYOUTS = (
    Layout("French", _undo(_FRENCH), re.compile("[àéèç]")),
    Layout("French, Caps Lock", _undo(_FRENCH, shift_lock=True), re.compile("^£|[çà°]")),
    Layout("Belgian", _undo(_BELGIAN), re.compile("[àéèç§]")),
    Layout("Belgian, Caps Lock", _undo(_BELGIAN, shift_lock=True), re.compile(r"^\*[A-Za-z][0-9]|[çà°]")),
    Layout(
        "German", _undo(_GERMAN), re.compile(r"^\+[A-Za-z][0-9]|^\)[0-9]{2,4}=|^`[A-Za-z$0-9]|[ßöäüÖÄÜ§´°]")
    ),
    Layout("Swiss", _undo(_SWISS), re.compile(r"^¨[A-Za-z][0-9]|^\)[0-9]{2,4}=|^`[A-Za-z$0-9]|[öäüéàè¨ç]")),
    Layout("British", _undo(_UK), re.compile("[£¬@]")),
    *(Layout("keys by number", undo, _NUMBERED) for undo in _BY_NUMBER),
)

_DIGITS_ROW = str.maketrans(")!@#$%^&*(", "0123456789")
_DIGIT = re.compile("[0-9]")
# Without "$", "%" and "*", which a HIBC and Code 39 have anyway: these alone show nothing.
_SHIFTED_DIGIT = re.compile(r"[)!@#^&(]")


def unshifted(text: str) -> str | None:
    """The text of a scanner whose Shift got stuck; None if that was not the cause.

    Only where it was stuck throughout: no digit is left, or the fields of an MA code are all parted by
    ``>``. Where Shift comes and goes, what is left does not tell what was meant; nor does anything in a
    code of ISBT 128, which has no check.
    """
    if text.startswith(("=", "&")):
        return None
    mended = text
    shifted = len(set(_SHIFTED_DIGIT.findall(text)))
    # In a HIBC "(" and "&" alone may be what a French keyboard made of digits.
    if shifted > (2 if "+" in text[:5] else 0) and _DIGIT.search(text) is None:
        mended = mended.translate(_DIGITS_ROW).replace("_", "-")
    if mended.startswith("MA>") and "." not in mended:
        mended = mended.replace(">", ".")
    return mended if mended != text else None
