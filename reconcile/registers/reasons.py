"""Every reason for which a part, a record or a value of a register is not taken."""

from __future__ import annotations

from typing import Final

from reconcile.errors import Reason

# the package and its parts
NO_FILE: Final = Reason("no_file", "文件无法打开", "the file cannot be opened")
BROKEN_ZIP: Final = Reason("broken_zip", "压缩包已损坏或不是 ZIP", "the zip is damaged, or none")
ENCRYPTED: Final = Reason("encrypted", "压缩包有密码，无法读取", "protected by a password")
BOMB: Final = Reason(
    "zip_bomb",
    "解压后的大小与压缩包不相称，已拒绝（疑似压缩炸弹）",
    "unpacks to a size out of proportion to the zip; refused as a zip bomb",
)
TOO_DEEP: Final = Reason("too_deep", "压缩包嵌套层数过多", "zips are nested too deeply")
TOO_MANY_PARTS: Final = Reason("too_many_parts", "压缩包内文件过多", "too many files in the zip")
UNKNOWN_PART: Final = Reason(
    "unknown_part", "不是可识别的数据文件，未读取", "not a file of a known register; it was not read"
)
SIDE_TABLE: Final = Reason(
    "side_table",
    "GUDID 的附表，其内容无须读取",
    "a table beside GUDID's devices; nothing in it is needed",
)
OTHER_REGISTER: Final = Reason(
    "other_register",
    "属于另一个数据库，未读取",
    "belongs to another register than asked for; it was not read",
)
NOTHING_FOUND: Final = Reason("nothing_found", "其中没有任何产品记录", "there is no record in it")
CUT_OFF: Final = Reason(
    "cut_off",
    "文件在此处中断或损坏，其后内容无法读取",
    "the part breaks off or is damaged here; what follows is lost",
)
BAD_TABLE: Final = Reason("bad_table", "表格无法读取", "the table cannot be read")
# a record
NOT_XML: Final = Reason(
    "not_xml",
    "该记录不是有效的 XML（非法字符、裸露的 & 或标签不配对）",
    "the record is not valid XML (an illegal character, a bare & or tags that do not match)",
)
UNFINISHED: Final = Reason("unfinished", "该记录没有结束标签", "the record has no end")
TOO_LONG: Final = Reason("too_long", "该记录过长", "the record is too long")
NO_KEY: Final = Reason("no_key", "没有主键，也没有产品标识", "has neither a key nor an identifier")
BAD_BYTES: Final = Reason("encoding", "该行有无法解码的字节", "the row holds bytes that cannot be decoded")
BROKEN_ROW: Final = Reason(
    "broken_csv", "该行引号未闭合，或单元格过长", "the quotes of this row are broken, or a cell is too long"
)
TOO_MANY_CELLS: Final = Reason(
    "too_many_cells", "单元格比列名多", "more cells than there are column headings"
)
NOT_STORABLE: Final = Reason("not_storable", "含有无法存储的字符", "holds a character that cannot be stored")
TWICE: Final = Reason(
    "key_twice", "该主键在同一发布包中出现了两次", "the key occurs twice in the same release"
)
# a value; the record itself is taken
NOT_A_QUANTITY: Final = Reason(
    "not_a_quantity", "数量应为不小于 1 的整数", "expected a whole number of 1 or more"
)
ZERO_PACKAGE: Final = Reason("zero_package", "包装内数量为 0", "a package that holds nothing")
CIRCULAR: Final = Reason(
    "circular", "包装层级循环：包装最终包含自己", "circular packaging: it ends up holding itself"
)
UNKNOWN_CHILD: Final = Reason(
    "unknown_child", "所含的产品标识不在该记录中", "the identifier it holds is not one of this record"
)
TWO_CONTENTS: Final = Reason(
    "two_contents", "同一包装标识有两种内容", "one package identifier with two different contents"
)
HUGE_PACKAGE: Final = Reason("huge_package", "包装数量过大", "holds more pieces than can be")
INSURANCE_SHAPE: Final = Reason(
    "insurance_shape",
    "医保耗材编码应为 C 加 19 位数字（20 位）或 C 加 26 位数字（27 位）",
    "an insurance code is C and 19 digits (20 characters) or C and 26 digits (27 characters)",
)
INSURANCE_SERIAL: Final = Reason(
    "insurance_serial", "流水号应为 7 位数字", "the serial is expected to have 7 digits"
)
TOO_LARGE: Final = Reason("file_too_large", "工作簿大于 256 MiB", "a workbook larger than 256 MiB")
HIDDEN_SHEET: Final = Reason("hidden_sheet", "隐藏的工作表，未读取", "a hidden worksheet; it was not read")
UNKNOWN_SHEET: Final = Reason(
    "unknown_sheet", "工作表没有可识别的列名，未读取", "a worksheet without known headings; it was not read"
)
