"""Every remark and every fault of a text has its sentence, in both languages."""

from __future__ import annotations

import pytest

from scanners import ErrorCode, repairs
from scanners.gs1.reading import NO_DATE_REPAIR
from tracer.charging.remarks import FAULTS, REPAIRS, SENTENCES, worded
from tracer.charging.rules import Remark


def test_every_remark_has_its_sentences() -> None:
    assert set(SENTENCES) == set(Remark)
    assert all(zh and en and zh != en for zh, en in SENTENCES.values())


@pytest.mark.parametrize("code", ErrorCode)
def test_every_fault_of_a_text_is_told_in_words(code: ErrorCode) -> None:
    zh, en = FAULTS[code]
    remark = {"code": "not_readable", "data": {"reason": str(code), "at": 0}}
    assert zh in worded([remark], "zh")[0]["message"]
    assert en in worded([remark], "en")[0]["message"]
    assert worded([remark], "en")[0]["data"]["reason"] == str(code)


NAMED = [value for name, value in vars(repairs).items() if name.isupper() and isinstance(value, str)]


@pytest.mark.parametrize("name", [NO_DATE_REPAIR, *(name for name in NAMED if name.isidentifier())])
def test_every_repair_is_told_in_words(name: str) -> None:
    zh, en = REPAIRS[name]
    remark = {"code": "repaired", "data": {"repairs": f"gs_replaced, {name}"}}
    assert zh in worded([remark], "zh")[0]["message"]
    assert en in worded([remark], "en")[0]["message"]
