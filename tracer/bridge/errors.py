"""Why the bridge does not begin, each with what to do; exit status 2.

CannotBridge
├── BadServer         the service's address is none
├── NoToken           no token was given, or its file cannot be read
├── BadToken          what the file holds is no token
├── BadCertificates   the file of certificates cannot be used
├── ManyScanners      `auto`, and more than one serial port
├── PortTaken         another program reads this port
├── PortNotAllowed    this user may not open it
├── QueueInUse        another bridge keeps its scans there
└── QueueUnusable     the folder cannot be written to, or the file in it is no queue
"""

from __future__ import annotations

from typing import Any, ClassVar

import click

from tracer.bridge.telling import language


class CannotBridge(click.ClickException):
    """Something the operator can put right, told in one line."""

    exit_code = 2
    zh: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **data: Any) -> None:
        super().__init__((self.en if language() == "en" else self.zh).format(**data))


class BadServer(CannotBridge):
    zh = "--server {url}：应为服务地址，如 https://tracer.intranet"
    en = "--server {url}: the service's address is wanted, as https://tracer.intranet"


class NoToken(CannotBridge):
    zh = (
        "没有令牌（{reason}）。请在服务器上运行 tracer token 名称 --role nurse --scope 科室，"
        "把输出写入文件，用 --token-file 指明"
    )
    en = (
        "no token ({reason}): run `tracer token NAME --role nurse --scope LOCATION` on the server, keep what "
        "it prints in a file, and name that by --token-file"
    )


class BadToken(CannotBridge):
    zh = "{source} 中不是令牌：应为一行可见字符"
    en = "{source} holds no token: one line of visible characters is wanted"


class BadCertificates(CannotBridge):
    zh = "--ca-file {path}：不能用作证书（{reason}）"
    en = "--ca-file {path}: cannot be used as certificates ({reason})"


class ManyScanners(CannotBridge):
    zh = "有多个串口（{ports}），请用 --port 指明其中一个"
    en = "there is more than one serial port ({ports}): name one by --port"


class PortTaken(CannotBridge):
    zh = "串口 {port} 已被另一程序占用"
    en = "{port} is in use by another program"


class PortNotAllowed(CannotBridge):
    zh = "无权打开串口 {port}。Linux 上请将用户加入 dialout 组：sudo usermod -aG dialout 用户名，然后重新登录"
    en = (
        "{port} may not be opened by this user; on Linux: `sudo usermod -aG dialout USER`, then sign in again"
    )


class QueueInUse(CannotBridge):
    zh = "{folder} 正被另一个 scanner-bridge 使用；第二把扫码枪请用另一个 --queue"
    en = "{folder} is in use by another scanner-bridge; a second scanner needs a --queue of its own"


class QueueUnusable(CannotBridge):
    zh = "--queue {folder}：不能使用（{reason}）"
    en = "--queue {folder}: cannot be used ({reason})"
