"""The columns of released tables: heading as it is written → the register's own name for it."""

from __future__ import annotations

from typing import Final

from reconcile.files.tables import folded
from reconcile.registers.chunks import Layout

_NMPA: Final = {
    "deviceRecordKey": "主键编号",
    "versionNumber": "公开的版本号",
    "versionTime": "版本的发布时间",
    "versionStauts": "版本的状态",
    "correctionNumber": "纠错次数",
    "zxxsdycpbs": "最小销售单元产品标识",
    "cpbsbmtxmc": "产品标识编码体系名称|医疗器械唯一标识编码体系名称",
    "cpbsfbrq": "产品标识发布日期",
    "zxxsdyzsydydsl": "最小销售单元中使用单元的数量",
    "sydycpbs": "使用单元产品标识",
    "bszt": "标识载体",
    "sfyzcbayz": "是否与注册/备案产品标识一致",
    "zcbacpbs": "注册/备案产品标识",
    "sfybtzjbs": "是否有本体标识|是否有本体直接标识",
    "btcpbsyzxxsdycpbssfyz": "本体产品标识与最小销售单元产品标识一致"
    "|本体产品标识与最小销售单元产品标识是否一致",
    "btcpbs": "本体产品标识",
    "cpmctymc": "产品名称/通用名称",
    "spmc": "商品名称",
    "ggxh": "规格型号|型号规格/包装规格",
    "sfwblztlcp": "是否为包类/组套类产品",
    "cpms": "产品描述",
    "cphhhbh": "产品货号或编号",
    "yflbm": "原分类编码",
    "qxlb": "器械类别",
    "flbm": "分类编码",
    "ylqxzcrbarmc": "医疗器械注册人/备案人名称",
    "ylqxzcrbarywmc": "医疗器械注册人/备案人英文名称",
    "tyshxydm": "统一社会信息代码|统一社会信用代码",
    "zczbhhzbapzbh": "注册证编号或者备案凭证编号",
    "cplb": "产品类别",
    "cgzmraqxgxx": "磁共振（MR）安全相关信息",
    "sfbjwycxsy": "是否标记为一次性使用",
    "zdcfsycs": "最大重复使用次数",
    "sfwwjbz": "是否为无菌包装",
    "syqsfxyjxmj": "使用前是否需要进行灭菌",
    "mjfs": "灭菌方式",
    "qtxxdwzlj": "其他信息的网址链接",
    "ybbm": "医保耗材分类编码|医保编码",
    "scbssfbhph": "生产标识是否包含批号",
    "scbssfbhxlh": "生产标识是否包含序列号",
    "scbssfbhscrq": "生产标识是否包含生产日期",
    "scbssfbhsxrq": "生产标识是否包含失效日期",
    "tscchcztj": "特殊储存或操作条件",
    "tsccsm": "特殊尺寸说明",
    "tsrq": "退市日期",
    "bzcpbs": "包装产品标识",
    "cpbzjb": "产品包装级别",
    "bznhxyjcpbssl": "包装内含小一级产品标识数量|包装内含小一级包装产品标识数量",
    "bznhxyjbzcpbs": "包装内含小一级包装产品标识",
}
# Whoever publishes the insurance catalogue anew names its columns anew.
_INSURANCE: Final = {
    "code": "医用耗材代码|医保耗材代码|耗材代码|20位码|医保编码|医用耗材分类与代码",
    "code27": "27位码|医保耗材编码|国家医保耗材编码|27位医保编码",
    "serial": "流水号|规格型号流水号",
    "certificate": "注册备案证号|注册证编号|注册备案号|注册证号|注册证备案号",
    "name": "产品名称|单件产品名称",
    "registered_name": "注册备案产品名称",
    "maker": "耗材企业|生产企业",
    "registrant": "注册备案人|注册、备案人|注册/备案人",
    "specification": "规格",
    "model": "型号",
    "udi": "UDI-DI|UDI|UDI码|UDI_DI",
}
_GUDID: Final = (
    *(
        "PrimaryDI",
        "publicDeviceRecordKey",
        "publicVersionStatus",
        "deviceRecordStatus",
        "publicVersionNumber",
    ),
    *(
        "publicVersionDate",
        "devicePublishDate",
        "deviceCommDistributionEndDate",
        "deviceCommDistributionStatus",
    ),
    *("brandName", "versionModelNumber", "catalogNumber", "dunsNumber", "companyName", "deviceCount"),
    *(
        "deviceDescription",
        "DMExempt",
        "premarketExempt",
        "deviceHCTP",
        "deviceKit",
        "deviceCombinationProduct",
    ),
    *("singleUse", "lotBatch", "serialNumber", "manufacturingDate", "expirationDate", "donationIdNumber"),
    *("labeledContainsNRL", "labeledNoNRL", "MRISafetyStatus", "rx", "otc", "deviceSterile"),
    *("sterilizationPriorToUse", "deviceId", "deviceIdType", "deviceIdIssuingAgency", "containsDINumber"),
    *("pkgQuantity", "pkgDiscontinueDate", "pkgStatus", "pkgType"),
)


def _known(names: dict[str, str]) -> dict[str, str]:
    return {
        folded(heading): name for name, headings in names.items() for heading in (name, *headings.split("|"))
    }


KNOWN: Final[dict[Layout, dict[str, str]]] = {
    Layout.NMPA_TABLE: _known(_NMPA),
    Layout.INSURANCE_TABLE: _known(_INSURANCE),
    Layout.GUDID_TABLE: {
        **_known({name: name for name in _GUDID}),
        **_known(
            {
                "PrimaryDI": "primary_di",
                "deviceIdIssuingAgency": "issuing_agency",
                "deviceId": "device_id",
                "deviceIdType": "id_type",
                "containsDINumber": "contains_di",
                "pkgQuantity": "pkg_qty|pkg_quantity",
                "lotBatch": "lot",
                "serialNumber": "serial",
                "manufacturingDate": "mfg_date",
                "expirationDate": "exp_date",
                "catalogNumber": "catalog_number",
            }
        ),
    },
}
# A table is of a register if it has one of these sets of columns.
NEEDED: Final[dict[Layout, tuple[frozenset[str], ...]]] = {
    Layout.NMPA_TABLE: (frozenset({"zxxsdycpbs"}), frozenset({"deviceRecordKey", "bzcpbs"})),
    # Of the delimited release only the table of devices: its identifiers stand in a file apart, as
    # do a dozen others, and are nothing by themselves.
    Layout.GUDID_TABLE: (
        frozenset({"PrimaryDI", "brandName"}),
        frozenset({"PrimaryDI", "deviceId", "deviceIdType", "lotBatch"}),
    ),
    Layout.INSURANCE_TABLE: (frozenset({"code"}), frozenset({"code27"})),
}
