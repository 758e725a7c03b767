"""Reasons in words: code → (Chinese, English); what stands in braces is the reason's data."""

from __future__ import annotations

from typing import Final

TERMS: Final[dict[str, tuple[str, str]]] = {
    "material": ("物资编码", "material code"),
    "billing": ("计费编码", "billing code"),
    "order": ("医嘱编码", "order code"),
    "insurance": ("医保编码", "insurance code"),
    "udi": ("UDI", "UDI"),
    "name": ("名称", "name"),
    "specification": ("规格", "specification"),
    "model": ("型号", "model"),
    "maker": ("生产企业", "maker"),
    "certificate": ("注册证号", "certificate"),
    "unit": ("单位", "unit"),
    "pack_quantity": ("包装数量", "pack quantity"),
    "price": ("价格", "price"),
}
"""What stands under `system` and `field` in a reason's data, in words."""

REASONS: Final[dict[str, tuple[str, str]]] = {
    "same_model": ("型号一致：{value}", "one model: {value}"),
    "same_certificate": ("注册证号一致：{value}", "one certificate: {value}"),
    "same_maker": ("生产企业一致：{value}", "one maker: {value}"),
    "same_specification": ("规格一致：{value}", "one specification: {value}"),
    "same_class": (
        "医保编码同属一个分类：{value}",
        "the insurance code is of the class that is named: {value}",
    ),
    "same_price": ("价格一致：{value}", "one price: {value}"),
    "maker_other_words": (
        "生产企业写法不同，实为一家：{values}",
        "one maker in other words: {values}",
    ),
    "specification_other_words": (
        "规格写法不同，实为同一规格：{values}",
        "one specification in other words: {values}",
    ),
    "model_other_words": ("型号写法不同，实为同一型号：{values}", "one model in other words: {values}"),
    "certificate_other_words": (
        "注册证号写法不同，实为同一证：{values}",
        "one certificate in other words: {values}",
    ),
    "certificate_replaced": (
        "{old} 是旧格式证号，{new} 是现行格式：应为重新注册",
        "{old} is of the old form, {new} of today's: it was registered anew",
    ),
    "maker_renamed": (
        "注册证或型号一致而企业名不同：应为更名，{old} → {new}",
        "certificate or model agree, the maker's name does not: renamed, {old} → {new}",
    ),
    "box_price": (
        "{source} 的价格 {box} 是每包 {pieces} 件的价格，单件为 {piece}",
        "the price {box} of {source} is that of a package of {pieces}; one piece is {piece}",
    ),
    "package_identifier": (
        "{package} 是包装标识（每包 {pieces} 件），最小销售单元是 {udi}",
        "{package} is the identifier of a package of {pieces}; the piece is {udi}",
    ),
    "nobody_owns": ("{code} 不在{system}目录中", "{code} is not on the owner's list of {system}s"),
    "one_character_off": ("{code} 与 {right} 只差一个字符", "{code} and {right} differ in one character"),
    "models_differ": (
        "型号不同，是不同的物品：{values}",
        "the models differ, these are different items: {values}",
    ),
    "specifications_differ": (
        "规格不同，是不同的物品：{values}",
        "the sizes differ, these are different items: {values}",
    ),
    "had_it_first": (
        "{code} 自 {since} 起属于 {item}，先得者保留",
        "{item} has had {code} since {since}: the first keeps it",
    ),
    "more_say_so": ("{code} 有 {count} 条记录支持", "{count} records support {code}"),
    "no_code_yet": (
        "没有可用的{system}，按本院编码规则建议 {code}",
        "there is no {system}; {code} follows the hospital's own pattern",
    ),
    "most_say": ("{field}：{count} 处写 {value}", "{field}: {count} say {value}"),
    "register_says": ("{field} 以登记为准：{value}", "{field} as registered: {value}"),
    "tangle_step": (
        "此组 {rows} 行缠在一起，先分出 {items} 个物资；批准后余下的再分",
        "{rows} rows hang together here: {items} items come off first, the rest once this is approved",
    ),
    "gone": ("{item} 已无目录和登记记录", "{item} is in no catalogue and no register any more"),
    "may_exist": (
        "{code} 不属于任何物品，也可能就是本物品的编码",
        "{code} belongs to nothing so far and may be this item's",
    ),
    "still_missing": ("没有找到{system}，需人工补充", "no {system} was found: somebody has to add it"),
    "conflicting": ("{field} 不一致：{values}", "{field} differs: {values}"),
}
