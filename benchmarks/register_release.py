"""A national release of any size: real records varied, so that nothing in it is anybody's device.

Every record has a key, an identifier and a model of its own; about sixteen share a name, a maker and a
certificate, as they do in the register; every third has packages, every fifth a use unit inside, half an
insurance code.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

PART_RECORDS = 5000
SHARING = 16
_KINDS = (
    *("输尿管支架", "取石网篮", "导尿管", "注射器", "输液器", "水凝胶敷料", "造瘘套件", "缝合线"),
    *("骨板", "髓内钉", "球囊导管", "导丝", "吻合器", "穿刺针"),
)
_BEFORE = ("一次性使用", "一次性使用无菌", "可吸收", "医用", "抗菌", "加强型", "儿童", "亲水涂层")
_AFTER = ("", "", "套装", "（带导引器）")
_PLACES = ("北京", "上海", "广州", "苏州", "威海", "常州", "武汉", "成都", "杭州", "青岛")
_NAMES = ["康", "宁", "泰", "瑞", "安", "华", "和", "德", "仁", "信", "诚", "博", "佳", "益", "源", "普"]


def products(count: int, dice: random.Random) -> list[dict[str, str]]:
    """Names, made-up makers and certificates."""
    makers = [
        f"{place}{first}{second}{third}医疗器械有限公司"
        for place in _PLACES
        for first in _NAMES
        for second in _NAMES
        for third in _NAMES
    ]
    dice.shuffle(makers)
    return [
        {
            "cpmctymc": f"{dice.choice(_BEFORE)}{dice.choice(_KINDS)}{dice.choice(_AFTER)}",
            "ylqxzcrbarmc": makers[number % 9000 % len(makers)],
            "zczbhhzbapzbh": f"国械注准20{dice.randrange(14, 26)}3{number % 10_000_000:07d}",
        }
        for number in range(count)
    ]


def devices(count: int, seed: int = 20260501) -> Iterator[str]:
    """The `<device>` elements."""
    dice = random.Random(seed)
    real: list[dict[str, Any]] = json.loads(
        (FIXTURES / "golden" / "registers" / "nmpa_92.json").read_text("utf-8")
    )
    own = {
        *("deviceRecordKey", "zxxsdycpbs", "sydycpbs", "btcpbs", "ggxh", "cphhhbh", "ybbm", "cpmctymc"),
        *("ylqxzcrbarmc", "zczbhhzbapzbh"),
    }
    frames = [
        "".join(f"<{name}>{value}</{name}>" for name, value in record.items() if name not in own)
        for record in real
    ]
    known = products(max(count // SHARING, 1), dice)
    for number in range(count):
        product = known[number // SHARING % len(known)]
        di = f"{69_00000_00000 + number * 7:014d}"
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in product.items())
        model = f"{'ABCDEFGHJK'[number % 10]}{number % 97:02d}-{dice.randrange(10**6):06d}/{number % 31}"
        fields += (
            f"<deviceRecordKey>{di}20230401{number % 100000:05d}</deviceRecordKey>"
            f"<zxxsdycpbs>{di}</zxxsdycpbs>"
            f"<ggxh>{model}</ggxh>"
        )
        if number % 2:
            fields += f"<ybbm>C{number // 40:019d}{number % 40:07d}</ybbm>"
        if number % 5 == 0:
            fields += f"<sydycpbs>{di[:13]}X{number % 10}</sydycpbs>"
        if number % 3 == 0:
            fields += (
                f"<packingList><packing><bzcpbs>2{di[1:]}</bzcpbs><cpbzjb>盒</cpbzjb><bznhxyjcpbssl>10"
                f"</bznhxyjcpbssl><bznhxyjbzcpbs>{di}</bznhxyjbzcpbs></packing><packing><bzcpbs>3{di[1:]}</bzcpbs>"
                f"<cpbzjb>箱</cpbzjb><bznhxyjcpbssl>4</bznhxyjcpbssl><bznhxyjbzcpbs>2{di[1:]}</bznhxyjbzcpbs>"
                "</packing></packingList>"
            )
        yield f"<device>{frames[number % len(frames)]}{fields}</device>"


def write_release(path: Path, count: int) -> None:
    """A zip with parts of 5,000 devices."""
    each = devices(count)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        parts = -(-count // PART_RECORDS)
        for part in range(parts):
            body = "\n".join(next(each) for _ in range(min(PART_RECORDS, count - part * PART_RECORDS)))
            archive.writestr(
                f"UDID_FULL_DOWNLOAD_PART{part + 1}_Of_{parts}.xml",
                '<?xml version="1.0" encoding="UTF-8"?>\n<udid version="1.0"><header/><devices>\n'
                f"{body}\n</devices></udid>\n",
            )
