"""Records of the FDA's GUDID in the names of its XML; openFDA's other names are turned into them first."""

from __future__ import annotations

from typing import Any, Final

from reconcile.errors import Reason
from reconcile.registers import reasons
from reconcile.registers.dates import iso_day
from reconcile.registers.packaging import Level, resolve
from reconcile.registers.records import Bad, DiKind, Identifier, Record, Register

_YES: Final = {"true": True, "false": False, "1": True, "0": False, "y": True, "n": False}
OPENFDA: Final = {
    "public_device_record_key": "publicDeviceRecordKey",
    "public_version_status": "publicVersionStatus",
    "public_version_number": "publicVersionNumber",
    "public_version_date": "publicVersionDate",
    "record_status": "deviceRecordStatus",
    "publish_date": "devicePublishDate",
    "commercial_distribution_end_date": "deviceCommDistributionEndDate",
    "commercial_distribution_status": "deviceCommDistributionStatus",
    "brand_name": "brandName",
    "version_or_model_number": "versionModelNumber",
    "catalog_number": "catalogNumber",
    "company_name": "companyName",
    "labeler_duns_number": "dunsNumber",
    "device_count_in_base_package": "deviceCount",
    "device_description": "deviceDescription",
    "has_lot_or_batch_number": "lotBatch",
    "has_serial_number": "serialNumber",
    "has_manufacturing_date": "manufacturingDate",
    "has_expiration_date": "expirationDate",
    "has_donation_id_number": "donationIdNumber",
    "is_single_use": "singleUse",
    "is_kit": "deviceKit",
    "is_combination_product": "deviceCombinationProduct",
    "is_rx": "rx",
    "is_otc": "otc",
    "mri_safety": "MRISafetyStatus",
}
_OPENFDA_IDENTIFIER: Final = {
    "id": "deviceId",
    "type": "deviceIdType",
    "issuing_agency": "deviceIdIssuingAgency",
    "unit_of_use_id": "containsDINumber",
    "quantity_per_package": "pkgQuantity",
    "package_discontinue_date": "pkgDiscontinueDate",
    "package_status": "pkgStatus",
    "package_type": "pkgType",
}


def in_gudid_names(said: dict[str, Any]) -> dict[str, Any]:
    """A record of openFDA or AccessGUDID with the names of the XML; nothing that is said is lost."""
    renamed = {OPENFDA.get(name, name): value for name, value in said.items()}
    listed = renamed.get("identifiers")
    if isinstance(listed, dict):
        listed = listed.get("identifier")
    if isinstance(listed, dict):
        listed = [listed]
    renamed["identifiers"] = [
        {_OPENFDA_IDENTIFIER.get(name, name): value for name, value in entry.items()}
        for entry in listed or ()
        if isinstance(entry, dict)
    ]
    return renamed


def gudid_record(
    part: str, number: int, offset: int | None, said: dict[str, Any]
) -> tuple[Record | None, list[Bad]]:
    """A record from its elements; what is wrong with it beside that. None if it has no primary DI."""
    bad: list[Bad] = []

    def tell(reason: Reason, column: str, value: str, refused: bool = False) -> None:
        bad.append(Bad(part, reason, number, offset, column, value, refused))

    pieces, wrong = _quantity(said.get("deviceCount"))
    if wrong is not None:
        tell(wrong, "deviceCount", _text(said.get("deviceCount")))
    elif pieces is None:
        pieces = 1
    listed = [entry for entry in said.get("identifiers") or () if isinstance(entry, dict)]
    primary, agency = _text(said.get("PrimaryDI")), ""
    identifiers: list[Identifier] = []
    levels: list[Level] = []
    for entry in listed:
        di, kind = _di(entry.get("deviceId")), _text(entry.get("deviceIdType"))
        issuer = _text(entry.get("deviceIdIssuingAgency"))
        if not di:
            continue
        match kind:
            case "Primary":
                primary, agency = di, issuer
            case "Package":
                quantity, _ = _quantity(entry.get("pkgQuantity"))
                level = _text(entry.get("pkgType"))
                levels.append(Level(di, _di(entry.get("containsDINumber")), quantity, level, issuer))
            case "Secondary":
                identifiers.append(Identifier(DiKind.SALES_UNIT, di, issuer, 1, pieces))
            case "Unit of Use":
                identifiers.append(Identifier(DiKind.USE_UNIT, di, issuer, None, 1))
            case "Direct Marking":
                identifiers.append(Identifier(DiKind.DIRECT_MARK, di, issuer, None, 1))
    if not primary:
        tell(reasons.NO_KEY, "deviceId", "", refused=True)
        return None, bad
    packages, troubles = resolve(primary, pieces, levels)
    for trouble in troubles:
        tell(trouble.reason, "identifiers", trouble.di)
    end = _text(said.get("deviceCommDistributionEndDate"))
    record = Record(
        Register.GUDID,
        # Not the record's own key: half of the forms in which GUDID is given out leave it away.
        primary,
        number,
        primary,
        _text(said.get("deviceDescription")) or _text(said.get("brandName")),
        said,
        (Identifier(DiKind.SALES_UNIT, primary, agency, 1, pieces), *identifiers, *packages),
        _whole(said.get("publicVersionNumber")),
        iso_day(_text(said.get("publicVersionDate") or said.get("devicePublishDate"))),
        status=_text(said.get("publicVersionStatus")),
        agency=agency,
        brand=_text(said.get("brandName")),
        model=_text(said.get("versionModelNumber")),
        reference=_text(said.get("catalogNumber")),
        maker=_text(said.get("companyName")),
        carries_lot=_yes(said.get("lotBatch")),
        carries_serial=_yes(said.get("serialNumber")),
        carries_manufactured=_yes(said.get("manufacturingDate")),
        carries_expiry=_yes(said.get("expirationDate")),
        withdrawn=iso_day(end)
        if said.get("deviceCommDistributionStatus") != "In Commercial Distribution"
        else "",
    )
    return record, bad


def _text(value: Any) -> str:
    """Numbers and truths come as such or as texts, and nothing as null."""
    return "" if value is None else str(value).strip()


def _di(value: Any) -> str:
    # A HIBC's last character may be a space: that is its check character.
    return "" if value is None else str(value).strip("\r\n\t")


def _yes(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _YES.get(_text(value).casefold())


def _whole(value: Any) -> int:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _quantity(value: Any) -> tuple[int | None, Reason | None]:
    text = _text(value)
    if not text:
        return None, None
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        return None, reasons.NOT_A_QUANTITY
    number = int(text)
    return (number, None) if number else (0, reasons.ZERO_PACKAGE)
