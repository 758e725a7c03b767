"""What the registers refuse.

Conflict
└── ImportRunning      another import runs; they take turns
Invalid
├── NoSuchFile         the file cannot be opened
└── SearchTooShort     less than can be searched for
NotFound
└── UnknownIdentifier  no register knows this identifier
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound


class ImportRunning(Conflict):
    code = "registers.import_running"
    zh = "另一个数据库导入正在进行，请等它结束后再导入“{file}”"
    en = "another register import is running; import {file} when it has ended"


class NoSuchFile(Invalid):
    code = "registers.no_such_file"
    zh = "“{file}”无法打开：{reason}"
    en = "{file} cannot be opened: {reason}"


class SearchTooShort(Invalid):
    code = "registers.search_too_short"
    zh = "请至少输入两个汉字或三个字符"
    en = "two Chinese characters or three others are needed to search"


class UnknownIdentifier(NotFound):
    code = "registers.unknown_identifier"
    zh = "已导入的数据库中没有标识“{value}”"
    en = "no imported register knows the identifier {value!r}"
