"""What is refused of files handed in.

Refusal
├── NoRoom         the disk is too full for the file; nothing of it was kept
├── NoFile         no file came with the form
├── FileGone       what was kept of it is not there any more
└── AccountEnded   who handed it in has no account any more
NotFound
└── UnknownJob
Conflict
└── Ended          it has come to its end, and cannot be stopped
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Forbidden, Invalid, NotFound, Refusal


class NoRoom(Refusal):
    code = "intake.no_room"
    status = 507
    zh = "服务器磁盘空间不足，“{file}”未保存；请清理磁盘后再上传"
    en = "the server's disk is too full for {file}; nothing was kept: make room and upload it again"


class NoFile(Invalid):
    code = "intake.no_file"
    zh = "请选择一个文件"
    en = "choose a file"


class FileGone(Refusal):
    code = "intake.file_gone"
    status = 410
    zh = "“{file}”已不在服务器上，请重新上传"
    en = "{file} is not on the server any more; upload it again"


class AccountEnded(Forbidden):
    code = "intake.account_ended"
    zh = "上传“{file}”的账号已停用"
    en = "the account that uploaded {file} has ended"


class UnknownJob(NotFound):
    code = "intake.unknown_job"
    zh = "没有编号为 {id} 的上传"
    en = "there is no upload {id}"


class Ended(Conflict):
    code = "intake.ended"
    zh = "“{file}”的处理已经结束，无法中止"
    en = "{file} has come to its end already and cannot be stopped"
