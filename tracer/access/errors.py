"""Why somebody is not let in, or a request not carried out twice.

Refusal
├── NotSignedIn       no session and no token, or one that ended
├── SignInRefused     wrong name or password (never says which)
├── TooManyAttempts   too many wrong passwords; wait
├── NameTaken         an account of that name exists with another role
├── AccountEnded      the account was closed for good
├── UnknownPerson     no account of that name
├── UnknownRole       no such role
├── UnknownScope      no location of that code to limit a role to
├── WeakPassword      too short, or one everybody tries
├── KeyReused         an idempotency key was used before for something else, or by somebody else
├── KeyInFlight       the first request with this key is still being carried out
├── PageExpired       a browser's write without the token its page was given (CSRF)
├── BadJson           a body that is no JSON
└── WrongContent      a body of a type the route does not take
"""

from __future__ import annotations

from tracer.shared.errors import Conflict, Invalid, NotFound, Refusal


class NotSignedIn(Refusal):
    code = "not_signed_in"
    status = 401
    zh = "请先登录"
    en = "Sign in first"


class SignInRefused(Refusal):
    code = "sign_in_refused"
    status = 401
    zh = "用户名或密码不正确"
    en = "The user name or the password is wrong"


class TooManyAttempts(Refusal):
    code = "too_many_attempts"
    status = 429
    zh = "尝试次数过多，请 {seconds} 秒后再试"
    en = "Too many attempts; try again in {seconds} s"


class NameTaken(Conflict):
    code = "name_taken"
    zh = "账号“{username}”已存在，且角色或范围不同"
    en = "There is already an account {username!r} with another role or scope"


class AccountEnded(Conflict):
    code = "account_ended"
    zh = "账号“{username}”已停用"
    en = "The account {username!r} was ended"


class UnknownPerson(NotFound):
    code = "unknown_person"
    zh = "没有账号“{username}”"
    en = "There is no account {username!r}"


class UnknownRole(Invalid):
    code = "unknown_role"
    zh = "没有角色“{role}”；可用：{known}"
    en = "There is no role {role!r}; there are: {known}"


class UnknownScope(Invalid):
    code = "unknown_scope"
    zh = "没有编码为“{location}”的科室或库位"
    en = "There is no location {location!r}"


class WeakPassword(Invalid):
    code = "weak_password"
    zh = "密码至少 {least} 个字符，且不能是常见密码"
    en = "A password has at least {least} characters and is not a common one"


class KeyReused(Invalid):
    code = "key_reused"
    zh = "该请求键已用于另一个请求；请换一个新的键"
    en = "This idempotency key was used for another request; make a new key"


class KeyInFlight(Conflict):
    code = "key_in_flight"
    zh = "同一请求正在处理中，请稍候用同一个键重试"
    en = "The first request with this key is still being carried out; ask again with the same key"


class PageExpired(Refusal):
    code = "page_expired"
    zh = "页面已过期，请刷新后重试"
    en = "This page is out of date; reload it and try again"


class BadJson(Refusal):
    code = "bad_json"
    zh = "请求正文不是有效的 JSON"
    en = "The body is not valid JSON"


class WrongContent(Refusal):
    code = "wrong_content_type"
    status = 415
    zh = "请以 {accepts} 发送"
    en = "Send the body as {accepts}"
