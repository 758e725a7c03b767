"""How a certificate's number is written. Pure.

    registration since October 2014   国械注准20153771234     class 3 in 3771234 at its head, then kind 77
    filing of class I since 2014      国械备20150012号, 苏锡械备20150012号       no last day
    registration before               国食药监械(准)字2010第3770123号

准 is made in the mainland, 进 imported, 许 from Hong Kong, Macao or Taiwan; 国 or the province begins it.
The old form is accepted as it is: such numbers stand on packs and in contracts until they are replaced.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from tracer.shared.errors import Invalid


class NumberKind(StrEnum):
    REGISTRATION = "registration"
    FILING = "filing"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """A number as it is kept: half-width, round brackets, no blanks. `device_class` is I, II or III."""

    text: str
    kind: NumberKind
    year: int
    device_class: int

    @property
    def is_endless(self) -> bool:
        """A filing has no last day (备案); every registration has."""
        return self.kind is NumberKind.FILING


EXPECTED: Final = "国械注准20153771234 / 国械备20150012号 / 国食药监械(准)字2010第3770123号"

_BRACKETS: Final = str.maketrans("〔［【｛{[〕］】｝}]", "((((((" + "))))))")
# Blanks, and what copying from a page leaves between characters.
_UNSEEN: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_LABEL: Final = re.compile(r"^(医疗器械)?(注册证编号|注册证号|备案凭证编号|备案号|注册号)[::]?")
_WHERE: Final = "[国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新兵]"
_CHANGED: Final = r"(?P<changed>\(更\))?"
_NEW: Final = re.compile(
    rf"(?P<head>{_WHERE}械注[准进许])(?P<year>20\d\d)(?P<class>[123])(?P<rest>\d{{6}})号?{_CHANGED}", re.ASCII
)
_FILING: Final = re.compile(
    rf"(?P<head>{_WHERE}[\u4e00-\u9fff]{{0,3}}械备)(?P<year>20\d\d)(?P<rest>\d{{4,5}})号?{_CHANGED}", re.ASCII
)
_OLD: Final = re.compile(
    rf"(?P<head>{_WHERE}[\u4e00-\u9fff]{{0,2}}(食药监|药监|药管)械)\(?(?P<from>[准进许试])\)?字?"
    rf"\(?(?P<year>(19|20)\d\d)\)?第?(?P<class>[123])(?P<rest>\d{{6}})号?{_CHANGED}",
    re.ASCII,
)


@lru_cache(maxsize=1 << 15)
def parse_number(written: str) -> CertificateNumber | None:
    """The number, however wide, bracketed or spaced it is written; None if it is not one."""
    folded = unicodedata.normalize("NFKC", written).translate(_BRACKETS)
    folded = _LABEL.sub("", _UNSEEN.sub("", folded))
    if found := _NEW.fullmatch(folded):
        text = f"{found['head']}{found['year']}{found['class']}{found['rest']}{found['changed'] or ''}"
        return CertificateNumber(text, NumberKind.REGISTRATION, int(found["year"]), int(found["class"]))
    if found := _FILING.fullmatch(folded):
        text = f"{found['head']}{found['year']}{found['rest']}号{found['changed'] or ''}"
        return CertificateNumber(text, NumberKind.FILING, int(found["year"]), 1)
    if found := _OLD.fullmatch(folded):
        text = (
            f"{found['head']}({found['from']})字{found['year']}第{found['class']}{found['rest']}号"
            f"{found['changed'] or ''}"
        )
        return CertificateNumber(text, NumberKind.OLD, int(found["year"]), int(found["class"]))
    return None


def read_number(written: str) -> CertificateNumber:
    """As `parse_number`; raises Invalid with what was expected."""
    number = parse_number(written)
    if number is None:
        shown = written.strip()[:60]
        raise Invalid(field="number", reason=f"“{shown}”：应如 / as in: {EXPECTED}")
    return number


def canonical_number(written: str) -> str:
    """How a number is kept; what cannot be read is only folded and stripped, so that it equals itself."""
    number = parse_number(written)
    return number.text if number else unicodedata.normalize("NFKC", written).strip()
