"""The door for pandas frames, where a column may hold anything: objects, Decimals, aware datetimes, text.

Values are read once per distinct value, not once per row.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reconcile.errors import BadCell, BadInput, Reason
from reconcile.intake import MONEY_SCALE, UNKNOWN


def canonical(frame: pd.DataFrame, types: dict[str, str], name: str, timezone: str) -> pd.DataFrame:
    """The wanted columns with the types of `reconcile.intake`; raises BadInput naming the column."""
    readers: dict[str, Callable[[pd.Series[Any]], Any]] = {
        "date": lambda values: _days(values, None),
        "moment": lambda values: _days(values, timezone),
        "text": _text,
        "units": _units,
        "money": lambda values: _whole(values, _money, UNKNOWN),
        "flag": lambda values: _whole(values, _flag, 1),
        "pack": lambda values: _whole(values, int, 1),
        "as it is": lambda values: values,
    }
    columns: dict[str, Any] = {}
    for column, kind in types.items():
        try:
            columns[column] = readers[kind](frame[column].reset_index(drop=True))
        except (ValueError, TypeError, ArithmeticError) as error:
            reason = Reason("unreadable_values", f"无法识别：{error}", f"cannot be read: {error}")
            raise BadInput([BadCell(file=name, column=column, reason=reason)]) from error
    return pd.DataFrame(columns)


def money_in_ten_thousandths(value: object) -> int:
    """Yuan to 1/10,000 yuan, half-up. Floats are read as they print: 0.1 is a tenth."""
    try:
        amount = Decimal(str(value)) * MONEY_SCALE
        return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error


def whole_numbers(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Columns with gaps, floats by pandas' habit, as nullable Int64. Exact: all are below 2**53."""
    return frame.astype({column: "Int64" for column in columns if column in frame})


_money = money_in_ten_thousandths


def _text(values: pd.Series[Any]) -> Any:
    if pd.api.types.is_integer_dtype(values.dtype) and not values.hasnans:
        return values.astype("str")
    if isinstance(values.dtype, pd.StringDtype):
        stripped = values.astype("str").str.strip()
        return stripped.where(stripped != "")
    if values.dtype == "float64":  # codes with gaps among them; 17.0 is the code 17
        values = values.map(lambda v: str(int(v)) if v == int(v) else str(v), na_action="ignore")
    codes, distinct = pd.factorize(values)
    clean = [*(str(value).strip() or None for value in distinct), None]
    return pd.Series(clean, dtype="str").take(codes).reset_index(drop=True)  # code -1 (a gap) is the last


def _units(values: pd.Series[Any]) -> Any:
    if values.isna().any():
        raise ValueError(f"{int(values.isna().sum())} rows without a value")
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("int64")
    return _whole(values, _exact_int, UNKNOWN)


def _whole(values: pd.Series[Any], read: Callable[[Any], int], unknown: int) -> Any:
    codes, distinct = pd.factorize(values)
    read_once = np.array([*(read(value) for value in distinct), unknown], dtype="int64")
    return pd.Series(read_once[codes])  # code -1 (a gap) is the last place


def _exact_int(value: Any) -> int:
    whole = int(value)
    if whole != (Decimal(value) if isinstance(value, str) else value):
        raise ValueError(f"not a whole number: {value}")
    return whole


def _flag(value: Any) -> int:
    if value not in (0, 1):
        raise ValueError(f"neither 0 nor 1: {value}")
    return int(value)


def _days(values: pd.Series[Any], timezone: str | None) -> Any:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        if timezone is None:
            raise ValueError("a business date has no time zone")
        values = values.dt.tz_convert(timezone).dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.dt.normalize().astype("datetime64[us]")
    codes, distinct = pd.factorize(values)
    zone = ZoneInfo(timezone) if timezone is not None else None
    days = np.array([*(_day(value, zone) for value in distinct), None], dtype="datetime64[us]")
    return pd.Series(days[codes])


def _day(value: Any, zone: ZoneInfo | None) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            if zone is None:
                raise ValueError("a business date has no time zone")
            value = value.astimezone(zone)
        day: date = value.date()
        return day
    if type(value) is date:
        return value
    raise ValueError(f"not a date: {value!r}")
