"""The one shape in which every failure leaves the API, in Chinese and English."""

import json
import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.pages import show, wants_page
from rag.screen import mask

LOG = logging.getLogger("zhinan.error")


class ErrorBody(BaseModel):
    """What went wrong: a fixed code, a message in two languages, and the way out where there is one."""

    code: str
    message: str
    fix: str | None = None


class ErrorOut(BaseModel):
    """Body of every response with a status of 400 and above."""

    error: ErrorBody


@dataclass(frozen=True)
class Say:
    """A code with its words in both languages."""

    code: str
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""

    def body(self) -> dict[str, Any]:
        """The JSON of this failure."""
        error = {"code": self.code, "message": f"{self.zh} / {self.en}"}
        if self.fix_zh:
            error["fix"] = f"{self.fix_zh} / {self.fix_en}"
        return {"error": error}

    def as_bytes(self) -> bytes:
        """The same as it goes over the wire."""
        return json.dumps(self.body(), ensure_ascii=False).encode()


@dataclass
class ApiError(Exception):
    """A failure that a route raises on purpose."""

    status: int
    say: Say
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """This failure as a response."""
        return JSONResponse(self.say.body(), self.status, headers=dict(self.headers))


NOT_FOUND = Say("not-found", "没有这项内容", "there is nothing here under this name")
BAD_KEY = Say(
    "bad-key",
    "密钥无效、已过期或已停用",
    "the key is unknown, expired or revoked",
    "换用有效的密钥，或不带密钥以公众身份访问",
    "use a valid key, or none to ask as the public",
)
BAD_SESSION = Say(
    "bad-session",
    "登录已过期或已退出",
    "your session has ended",
    "重新登录，或不登录以公众身份访问",
    "sign in again, or go on as the public",
)
FOREIGN = Say(
    "foreign-origin",
    "这个操作不是从本站页面发出的",
    "this change was not asked for by a page of this site",
    "在本站页面上操作；程序请用密钥",
    "use the page of this site; programs use a key",
)
NOT_GRANTED = Say(
    "not-granted",
    "密钥没有开通这个接口",
    "the key does not cover this route",
    "请经办人申请开通",
    "ask the office that gave the key to add it",
)
SECRET_TEXT = Say(
    "secret-text",
    "内容带有密级标志，不能在这里提交，也没有保存",
    "the text is marked as a state secret; it cannot be sent here and was not kept",
    "按保密规定报告本单位保密工作机构",
    "report it to your office's secrecy officer as the rules say",
)
SENT_OTHERWISE = Say(
    "sent-otherwise",
    "同一个Idempotency-Key已经用于另一件事项，这一件没有保存",
    "this Idempotency-Key was already sent with another matter; this one was not kept",
    "换一个新的随机值再发",
    "send it again with a new random value",
)
TOO_LARGE = Say(
    "too-large",
    "请求内容超过64千字节",
    "the request body is larger than 64 kB",
    "缩短内容后再发",
    "send less",
)
TOO_SLOW = Say(
    "too-slow",
    "请求内容没有按时送达",
    "the request body did not arrive in time",
    "检查网络后再发",
    "check the connection and send it again",
)
HEAD_TOO_LARGE = Say(
    "head-too-large",
    "请求头或地址过长",
    "the request's headers or address are too long",
    "缩短地址，去掉不需要的请求头",
    "shorten the address and drop headers that are not needed",
)
NOT_JSON = Say(
    "not-json",
    "只接受JSON",
    "only JSON is accepted",
    "以 Content-Type: application/json 发送，不压缩",
    "send it as Content-Type: application/json, not compressed",
)
UNREADABLE = Say(
    "bad-request",
    "请求无法读取",
    "the request cannot be read",
    "发送 UTF-8 编码的 JSON",
    "send JSON in UTF-8",
)
_LATER = ("稍后再试，或拨打当地热线", "try again later, or call the local hotline")
INTERNAL = Say("internal", "服务器出错，已记录", "the server failed; this was logged", *_LATER)
NOT_READY = Say("not-ready", "服务尚未就绪", "the service is not ready", *_LATER)
BUSY = Say("busy", "提问的人太多，暂时排不上队", "too many are asking at this moment", *_LATER)
TOO_MANY = Say(
    "too-many",
    "请求过于频繁",
    "too many requests in a short time",
    "等 Retry-After 所说的秒数后再试；有急事请拨打当地热线",
    "wait the seconds that Retry-After says; if it is urgent, call the local hotline",
)
NOT_STORED = Say("not-stored", "没有保存成功", "it could not be stored; nothing was recorded", *_LATER)
_BY_STATUS = {
    400: UNREADABLE,
    404: NOT_FOUND,
    405: Say("method-not-allowed", "此地址不支持这种方法", "this address does not accept this method"),
    413: TOO_LARGE,
}


def failure(status: int, say: Say, headers: Mapping[str, str] | None = None) -> ApiError:
    """An ApiError ready to raise."""
    return ApiError(status, say, headers or {})


def log_failure(error: BaseException) -> None:
    """Log kind and place of an error, never its message: that may hold what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
    LOG.error("%s at %s", type(error).__name__, places)


def install(app: FastAPI) -> None:
    """Map every exception a request can end in to the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return page_or_json(request, error)


def page_or_json(request: Request, error: ApiError) -> Response:
    """A failure as the one who asked can read it: a page for a person's browser, JSON for a program."""
    if not wants_page(request):
        return error.response()
    said = error.say
    page = show(
        request, "failure", error.status, zh=said.zh, en=said.en, fix_zh=said.fix_zh, fix_en=said.fix_en
    )
    page.headers.update(error.headers)
    return page


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    other = Say(f"http-{error.status_code}", "请求没有成功", "the request did not succeed")
    say = _BY_STATUS.get(error.status_code, other)
    return ApiError(error.status_code, say, error.headers or {}).response()


async def _validation_error(_: Request, error: Exception) -> JSONResponse:
    """Name the fields and what is wrong with them; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = [(_place(item["loc"]), str(item["msg"])) for item in error.errors()][:8]
    fixes = "; ".join(f"{place}: {msg}" for place, msg in found)
    names = "、".join(dict.fromkeys(place for place, _ in found))
    say = Say("invalid", f"请求中有不合要求的字段：{names}", f"these fields are not as required: {names}",
              "按接口文档改正", f"mend them as the API description says ({fixes})")  # fmt: skip
    return ApiError(422, say).response()


def _place(loc: Sequence[object]) -> str:
    """Dotted place of a field; a key that the caller invented may be long, no valid text or somebody's number."""
    return ".".join(mask(str(part).encode("utf-8", "replace").decode())[:40] for part in loc)
