"""What is refused of certificates.

NotFound
└── UnknownCertificate  no such proposal or record
Conflict
└── CertificateEnded    an item's certificate has ended, and there is no exception for it
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, NotFound


class UnknownCertificate(NotFound):
    code = "catalog.unknown_certificate"
    zh = "没有编号为 {certificate} 的注册证记录"
    en = "there is no record {certificate} of a certificate"


class CertificateEnded(Conflict):
    code = "catalog.certificate_ended"
    zh = (
        "“{item}”（{material}）的注册证 {number} 有效期至 {until}，已过期，不能入库。请先更新注册证；"
        "若该批在有效期内生产，由医保办或财务核对生产日期后批准例外"
    )
    en = (
        "the certificate {number} of {item} ({material}) ended on {until}: it cannot be received. Renew the "
        "certificate first; if these goods were made while it was valid, the insurance office or finance "
        "checks the date on the pack and allows an exception"
    )
