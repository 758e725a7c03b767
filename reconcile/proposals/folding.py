"""Texts as evidence compares them: width, case, blanks, legal forms, cities and units folded away.

A folded value is only ever compared, never shown and never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from reconcile.codes.columns import NUMBERS
from reconcile.codes.forms import canonical_number, canonical_text

_LEGAL: Final = re.compile(
    r"(?:股份)?有限(?:责任)?公司|有限合伙|股份公司|集团|公司|"
    r"(?<![a-z])(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|l\.l\.c|plc|gmbh|ag|s\.?a|b\.?v|"
    r"n\.?v|s\.?p\.?a|s\.?r\.?l|kg|kk|pty|lp)(?![a-z])\.?"
)
_PLACES: Final = re.compile(
    r"(?:中国|北京|上海|天津|重庆|河北|石家庄|山西|太原|内蒙古|辽宁|沈阳|大连|吉林|长春|黑龙江|哈尔滨|江苏|南京|苏州|无锡|"
    r"常州|南通|扬州|泰州|昆山|浙江|杭州|宁波|温州|嘉兴|绍兴|安徽|合肥|福建|福州|厦门|泉州|江西|南昌|山东|济南|青岛|"
    r"烟台|威海|淄博|河南|郑州|新乡|湖北|武汉|湖南|长沙|广东|广州|深圳|珠海|佛山|东莞|中山|广西|南宁|海南|海口|四川|"
    r"成都|贵州|贵阳|云南|昆明|西藏|陕西|西安|甘肃|兰州|青海|宁夏|新疆|香港|台湾|澳门)[省市]?"
)
_NOT_WORD: Final = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_TIMES: Final = re.compile(r"\s*(?:[*x×✕乘ⅹ]|(?<=[a-zμ孔])/(?=[0-9]))\s*")
_AMOUNT: Final = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-zμ一-龥\"'’”]*)")
_UNITS: Final = {
    "mm": ("mm", "1"), "毫米": ("mm", "1"), "cm": ("mm", "10"), "厘米": ("mm", "10"), "公分": ("mm", "10"),
    "m": ("mm", "1000"), "米": ("mm", "1000"), "μm": ("mm", "0.001"), "um": ("mm", "0.001"),
    "微米": ("mm", "0.001"), "in": ("in", "1"), "inch": ("in", "1"), "英寸": ("in", "1"), '"': ("in", "1"),
    "ml": ("ml", "1"), "毫升": ("ml", "1"), "cc": ("ml", "1"), "l": ("ml", "1000"), "升": ("ml", "1000"),
    "ul": ("ml", "0.001"), "μl": ("ml", "0.001"), "微升": ("ml", "0.001"),
    "g": ("g", "1"), "克": ("g", "1"), "kg": ("g", "1000"), "mg": ("g", "0.001"), "毫克": ("g", "0.001"),
    "fr": ("fr", "1"), "f": ("fr", "1"), "号": ("号", "1"), "#": ("号", "1"), "孔": ("孔", "1"),
}  # fmt: skip
_NEW_CERTIFICATE: Final = re.compile(
    r"[国京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?.?械注[准进许]\d{11}"
)
_OLD_CERTIFICATE: Final = re.compile(r"药?[监管]械")


@lru_cache(maxsize=500_000)
def clean(text: str) -> str:
    """As it may be shown and stored: one width, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=500_000)
def plain(field: str, text: str) -> str:
    """The form in which groups compare a field: texts that share it are one, and nobody has to change one."""
    return canonical_number(text) if field in NUMBERS else canonical_text(text)


@lru_cache(maxsize=500_000)
def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


@lru_cache(maxsize=500_000)
def fold_model(text: str) -> str:
    """Without blanks, hyphens and the like; a slash or a point may tell two models apart."""
    return re.sub(r"[\s\-_–—·]+", "", fold(text))


@lru_cache(maxsize=100_000)
def fold_name(text: str) -> str:
    return _NOT_WORD.sub("", fold(text))


@lru_cache(maxsize=100_000)
def fold_maker(text: str) -> str:
    """The part of a company's name that is its own; all of it where nothing else is left."""
    whole = fold(text)
    own = _NOT_WORD.sub("", _PLACES.sub("", _LEGAL.sub(" ", whole)))
    return own or _NOT_WORD.sub("", whole)


@lru_cache(maxsize=100_000)
def fold_certificate(text: str) -> str:
    """Without blanks and brackets' kinds."""
    return re.sub(r"[\s()\[\]〔〕]+", "", fold(text))


@lru_cache(maxsize=100_000)
def is_old_certificate(text: str) -> bool:
    """The form before October 2014, 国食药监械(进)字2011第3991234号, and the one before that."""
    certificate = fold_certificate(text)
    return bool(_OLD_CERTIFICATE.search(certificate)) and not _NEW_CERTIFICATE.search(certificate)


@lru_cache(maxsize=500_000)
def fold_size(text: str) -> str:
    """`2.0×15 mm`, `2.0*15mm` and `0.2cm x 1.5cm` are one size; what is no list of amounts stays a text.

    A part without a unit has that of the next part that has one.
    """
    parts = [part for part in _TIMES.split(fold(text).replace("，", ",")) if part]
    amounts: list[tuple[Decimal, str]] = []
    for part in parts:
        found = _AMOUNT.fullmatch(part)
        if found is None:
            return re.sub(r"\s+", "", "×".join(parts))
        amounts.append((Decimal(found[1]), found[2]))
    said, unit = [], ""
    for number, written in reversed(amounts):
        unit = written or unit
        base, factor = _UNITS.get(unit, (unit, "1"))
        said.append(f"{(number * Decimal(factor)).normalize():f}{base}")
    return "×".join(reversed(said))


@lru_cache(maxsize=100_000)
def read_number(text: str) -> Decimal | None:
    try:
        number = Decimal(fold(text).replace(",", "").lstrip("¥￥"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def fold_number(text: str) -> str:
    number = read_number(text)
    return fold(text) if number is None else f"{number.normalize():f}"


FOLDS: Final[dict[str, Callable[[str], str]]] = {
    "specification": fold_size,
    "model": fold_model,
    "maker": fold_maker,
    "certificate": fold_certificate,
    "unit": fold,
    "pack_quantity": fold_number,
    "price": fold_number,
    "name": fold_name,
}
