"""Every remark and every fault of a text has its sentence, in both languages."""

from __future__ import annotations

import pytest

from scanners import ErrorCode
from tracer.charging.remarks import FAULTS, SENTENCES, worded
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
