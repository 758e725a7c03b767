"""HIBC messages of every form, made for the tests; the check character is computed here once more."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from tests.scanners.golden import days

MOD43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
LETTERS = MOD43[10:36]
ALPHANUMERIC = MOD43[:36]

SEPARATORS = ["\r", "\n", "\r\n", "\t", "\x1d", "\x1e", ";", "; ", " ", ""]


def checked(text: str) -> str:
    """The text and its check character."""
    return text + MOD43[sum(MOD43.index(character) for character in text) % 43]


@dataclass
class Message:
    """What a pack says: the primary's text without check, the secondary's without ``+`` and link."""

    di: str
    secondary: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    manufactured: date | None = None
    quantity: int | None = None

    @property
    def primary_symbol(self) -> str:
        return checked("+" + self.di)

    @property
    def secondary_symbol(self) -> str:
        return checked(f"+{self.secondary}{self.primary_symbol[-1]}")

    @property
    def concatenated(self) -> str:
        return checked(f"+{self.di}/{self.secondary}")

    @property
    def fields(self) -> tuple[object, ...]:
        return (self.di, *self.production)

    @property
    def production(self) -> tuple[object, ...]:
        return (self.lot, self.serial, self.expiry, self.manufactured, self.quantity)


def texts_of(characters: str, fewest: int, most: int) -> st.SearchStrategy[str]:
    return st.text(characters, min_size=fewest, max_size=most)


@st.composite
def dis(draw: st.DrawFn) -> str:
    lic = draw(st.sampled_from(LETTERS)) + draw(texts_of(ALPHANUMERIC, 3, 3))
    return lic + draw(texts_of(ALPHANUMERIC, 1, 18)) + draw(st.sampled_from("0123456789"))


@st.composite
def _expiries(draw: st.DrawFn) -> tuple[str, date | None]:
    """A date of ``$$`` with its form, and the day that it means."""
    day = draw(days())
    hour = draw(st.integers(0, 23))
    last = date(day.year, day.month, monthrange(day.year, day.month)[1])
    return draw(
        st.sampled_from(
            [
                (f"{day:%m%y}", last),
                (f"2{day:%m%d%y}", day),
                (f"3{day:%y%m%d}", day),
                (f"4{day:%y%m%d}{hour:02}", day),
                (f"5{day:%y%j}", day),
                (f"6{day:%y%j}{hour:02}", day),
                ("7", None),
            ]
        )
    )


@st.composite
def secondaries(draw: st.DrawFn) -> Message:
    """A message with an empty ``di``: everything that the secondary says."""
    lots = texts_of(ALPHANUMERIC + "-.", 0, 18)
    made = Message("")
    form = draw(st.sampled_from(["$", "$+", "$$", "$$8", "$$9", "$$+", "YYJJJ"]))
    if form in ("$", "$+"):
        made.secondary = form
    elif form == "YYJJJ":
        made.expiry = draw(days())
        made.secondary = f"{made.expiry:%y%j}"
        lots = texts_of(ALPHANUMERIC + "-.", 0, 13)
    else:
        if form in ("$$8", "$$9"):
            width = 2 if form == "$$8" else 5
            made.quantity = draw(st.integers(0, 10**width - 1))
            form += f"{made.quantity:0{width}}"
        expiry, made.expiry = draw(_expiries())
        made.secondary = form + expiry
        if made.quantity is not None and draw(st.booleans()):
            made.secondary, made.expiry, lots = form, None, st.just("")
    value = draw(lots) or None
    made.secondary += value or ""
    if "+" in form:
        made.serial = value
    else:
        made.lot = value

    supplements = []
    if made.serial is None and draw(st.booleans()):
        made.serial = draw(texts_of(ALPHANUMERIC, 1, 18))
        supplements.append("S" + made.serial)
    if draw(st.booleans()):
        made.manufactured = draw(st.dates(date(1990, 1, 1), date(2199, 12, 31)))
        supplements.append(f"16D{made.manufactured:%Y%m%d}")
    if made.expiry is None and draw(st.booleans()):
        made.expiry = draw(st.dates(date(1990, 1, 1), date(2199, 12, 31)))
        supplements.append(f"14D{made.expiry:%Y%m%d}")
    supplements = draw(st.permutations(supplements))
    if made.quantity is None and draw(st.booleans()):
        made.quantity = draw(st.integers(0, 99999))
        supplements = [*supplements, f"Q{made.quantity}"]
    made.secondary = "/".join([made.secondary, *supplements])
    return made


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """A whole pack's."""
    message = draw(secondaries())
    message.di = draw(dis())
    return message
