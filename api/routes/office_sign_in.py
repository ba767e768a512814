"""Sign-in of staff at the office's own identity provider: two addresses that a browser passes through."""

import hmac
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.accounts import AccountError, account_of_subject, admit
from api.audit import Act
from api.deps import Services, ServicesDep
from api.errors import NOT_FOUND, Say, failure, page_or_json
from api.identity import Kind, is_https, session_cookie
from api.issuer_documents import IssuerError
from api.office_sign_in import RETURN, START, OfficeSignIn
from api.oidc import MINUTES, Begun, Claims, Provider, TokenError, begin, seal, unseal
from api.oidc_rules import Granted, granted, name_of, subject_of
from api.sessions import close_sessions, open_session
from rag.settings import Settings

LOG = logging.getLogger("zhinan.sign-in")
DESK = "/desk"
_LONGEST = 4096
"""Characters of a parameter; no provider's code is longer."""

_AGAIN = ("重新登录", "sign in again")
NOT_BEGUN = Say("sign-in-not-begun", "这次登录已超时，或不是从这里开始的",
                "this sign-in took too long or was not begun here", *_AGAIN)  # fmt: skip
NOT_DONE = Say("sign-in-not-done", "统一身份认证没有完成登录",
               "the office's identity provider did not complete the sign-in", *_AGAIN)  # fmt: skip
NOT_PROVEN = Say("sign-in-not-proven", "无法确认登录者的身份", "who signed in could not be proven", *_AGAIN)
NOT_ADMITTED = Say("not-admitted", "您的账号在本系统没有开通", "your account has not been given access here",
                   "请联系本单位管理员", "ask your office's administrator")  # fmt: skip
UNREACHABLE = Say("sign-in-unreachable", "暂时连不上统一身份认证", "the office's identity provider cannot be reached",
                  "稍后再试", "try again later")  # fmt: skip

router = APIRouter(include_in_schema=False)


@dataclass
class _Refused(Exception):
    """A sign-in that ends here; `why` is for the audit trail and holds no claim."""

    status: int
    say: Say
    why: str
    account: str = ""
    lost_access: bool = False
    """Whether the account was let in before and is not any more: then its open sessions end too."""


@router.get(START)
async def start(request: Request, services: ServicesDep) -> Response:
    """Send the browser to the office's provider."""
    office = _office(services)
    services.throttle.address(request)
    begun = begin()
    try:
        address = await office.provider.address(begun)
    except IssuerError as error:
        LOG.warning("the identity provider: %s", error)
        return _page(request, 503, UNREACHABLE)
    kept = seal(office.key, begun, datetime.now(UTC))
    return RedirectResponse(address, 303, {"Set-Cookie": _cookie(services.settings, kept, MINUTES * 60)})


@router.get(RETURN)
async def finish(request: Request, services: ServicesDep) -> Response:
    """Check what the provider says, and sign in whom the rules admit."""
    office, settings = _office(services), services.settings
    services.throttle.address(request)
    cookie = request.cookies.get(_cookie_name(settings), "")
    begun = unseal(office.key, cookie, datetime.now(UTC))
    if begun is None:
        return _page(request, 400, NOT_BEGUN)
    if not hmac.compare_digest(_one(request, "state").encode(), begun.state.encode()):
        # The sign-in that was begun here goes on: somebody else's link must not end it.
        await run_in_threadpool(_note, services, _Refused(400, NOT_BEGUN, "another state"))
        return _page(request, 400, NOT_BEGUN)
    try:
        claims = await _claims(request, office.provider, begun)
        response = await run_in_threadpool(_admit, services, office, claims)
    except _Refused as refused:
        await run_in_threadpool(_note, services, refused)
        response = _page(request, refused.status, refused.say)
    response.headers.append("Set-Cookie", _cookie(settings, "", 0))
    return response


async def _claims(request: Request, provider: Provider, begun: Begun) -> Claims:
    """Who signed in, as the provider proves it."""
    try:
        await provider.check_sender(request.query_params.get("iss"))
        code = _one(request, "code")
        if not code:
            raise _Refused(403, NOT_DONE, "no code")
        return await provider.redeem(code, begun)
    except TokenError as error:
        raise _Refused(403, NOT_PROVEN, str(error)) from error
    except IssuerError as error:
        raise _Refused(503, UNREACHABLE, str(error)) from error


def _admit(services: Services, office: OfficeSignIn, claims: Claims) -> Response:
    """Open a session for the account of these claims, made or brought up to date by the rules."""
    settings, now = services.settings, datetime.now(UTC)
    subject, given = subject_of(claims), granted(office.rules, claims)
    known = account_of_subject(services.store, subject)
    name = known.name if known else name_of(claims)
    if given is None:
        raise _Refused(403, NOT_ADMITTED, "no rule fits", known.name if known else "", known is not None)
    before = {"level_before": known.reader.level, "roles_before": sorted(known.reader.roles)} if known else {}
    said = {"way": "office", **_said(given), **before}
    try:
        with services.audit.act(f"{Kind.SESSION}:{name}", Act.SIGNED_IN, name, **said) as connection:
            account = admit(connection, subject, name, given.reader, given.unit, now)
            token = open_session(connection, account, now, settings.session_hours)
    except AccountError as error:
        raise _Refused(403, NOT_ADMITTED, error.en, name) from error
    return RedirectResponse(DESK, 303, {"Set-Cookie": session_cookie(settings, token)})


def _said(given: Granted) -> dict[str, object]:
    reader = given.reader
    return {
        "level": reader.level,
        "audience": reader.audience,
        "roles": sorted(reader.roles),
        "unit": given.unit,
    }


def _note(services: Services, refused: _Refused) -> None:
    """Record a sign-in that failed."""
    LOG.warning("sign-in refused: %s", refused.why)
    target = refused.account or "office"
    with services.audit.act(str(Kind.ANONYMOUS), Act.SIGN_IN_FAILED, target, why=refused.why) as connection:
        if refused.lost_access:
            close_sessions(connection, refused.account)


def _office(services: Services) -> OfficeSignIn:
    if services.office is None:
        raise failure(404, NOT_FOUND)
    return services.office


def _one(request: Request, name: str) -> str:
    """A parameter that stands in the address once, else nothing."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST else ""


def _cookie_name(settings: Settings) -> str:
    return "__Host-zhinan-office" if is_https(settings) else "zhinan-office"


def _cookie(settings: Settings, value: str, seconds: int) -> str:
    secure = "; Secure" if is_https(settings) else ""
    return f"{_cookie_name(settings)}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _page(request: Request, status: int, say: Say) -> Response:
    """What went wrong, for a person or a program."""
    return page_or_json(request, failure(status, say))
