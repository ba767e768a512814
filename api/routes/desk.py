"""Sign-in, sign-out and the desk: what staff see of their own account. Plain forms, no script."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.accounts import (
    AccountError,
    account_of_link,
    check_password,
    set_password,
    take_link,
)
from api.audit import Act
from api.deps import GenerationDep, IdentityDep, Services, ServicesDep, services_of
from api.errors import FOREIGN, NOT_FOUND, failure
from api.identity import Identity, require_same_origin, session_cookie
from api.pages import STYLE, form_of, lang_of, show
from api.sessions import Session, close_session, close_sessions, open_session
from rag.access import AUDIENCES, Level

router = APIRouter(tags=["desk"], include_in_schema=False, default_response_class=HTMLResponse)

LEVELS = {
    Level.OPEN: ("公开", "open"),
    Level.MEMBERS: ("组织", "members"),
    Level.INTERNAL: ("内部", "internal"),
    Level.RESTRICTED: ("限定岗位", "restricted"),
}
_WRONG = ("账号或密码不对。", "The account or the password is not right.")


async def _foreign_form(request: Request) -> Mapping[str, str]:
    """Fields of a form of somebody who is not signed in: only a page of this site may send it."""
    require_same_origin(request)
    return await form_of(request)


async def _own_form(request: Request, identity: IdentityDep) -> tuple[Session, Mapping[str, str]]:
    """Fields of a form of a session, which must carry the session's form token."""
    fields = await form_of(request)
    session = identity.session
    if session is None or not hmac.compare_digest(
        fields.get("form", "").encode(), session.form_token.encode()
    ):
        raise failure(403, FOREIGN)
    return session, fields


ForeignForm = Annotated[Mapping[str, str], Depends(_foreign_form)]
OwnForm = Annotated[tuple[Session, Mapping[str, str]], Depends(_own_form)]


@router.get("/sign-in")
async def sign_in_page(request: Request, identity: IdentityDep, services: ServicesDep) -> Response:
    """The form; whoever is signed in already goes on to the desk."""
    if identity.session:
        return RedirectResponse("/desk", 303)
    return _sign_in_form(request, services)


@router.post("/sign-in")
async def sign_in(request: Request, services: ServicesDep, fields: ForeignForm) -> Response:
    """Check name and password; the same words whatever was wrong."""
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    services.throttle.sign_in(request, name)
    account = await run_in_threadpool(check_password, services.store, name, password)
    if account is None:
        # What was typed stays out of the trail: people type passwords into the wrong field.
        await run_in_threadpool(services.audit.record, "anonymous", Act.SIGN_IN_FAILED, "password")
        return _sign_in_form(request, services, _WRONG, 401)
    return await run_in_threadpool(_admitted, services, account.name, "password")


@router.get("/sign-in/link")
async def link_page(request: Request, services: ServicesDep, token: str = "") -> Response:
    """Where the owner of a link sets a password."""
    account = await run_in_threadpool(account_of_link, services.store, token, datetime.now(UTC))
    if account is None:
        raise failure(404, NOT_FOUND)
    return show(request, "link", account=account, token=token, problem=None)


@router.post("/sign-in/link")
async def use_link(request: Request, services: ServicesDep, fields: ForeignForm) -> Response:
    """Set the password, which ends the link, and sign in."""
    token = fields.get("token", "")
    account = await run_in_threadpool(account_of_link, services.store, token, datetime.now(UTC))
    if account is None:
        raise failure(404, NOT_FOUND)
    try:
        await run_in_threadpool(_set_password, services, account.name, fields.get("password", ""), token)
    except AccountError as error:
        said = error.en if lang_of(request) == "en" else error.zh
        return show(request, "link", 422, account=account, token=token, problem=said)
    return await run_in_threadpool(_admitted, services, account.name, "link")


@router.get("/desk")
async def desk(
    request: Request, identity: IdentityDep, services: ServicesDep, generation: GenerationDep
) -> Response:
    """Who is signed in, what that opens, and the way out."""
    if identity.session is None:
        return RedirectResponse("/sign-in", 303)
    return _desk_page(request, identity, generation)


@router.post("/desk/password")
async def change_password(
    request: Request, identity: IdentityDep, services: ServicesDep, generation: GenerationDep, form: OwnForm
) -> Response:
    """Set another password; every session but a new one for this browser ends."""
    session, fields = form
    name = session.account.name
    services.throttle.sign_in(request, name)
    if await run_in_threadpool(check_password, services.store, name, fields.get("old", "")) is None:
        return _desk_page(request, identity, generation, 401, problem=_WRONG)
    try:
        await run_in_threadpool(_set_password, services, name, fields.get("password", ""))
    except AccountError as error:
        return _desk_page(request, identity, generation, 422, problem=(error.zh, error.en))
    return await run_in_threadpool(_admitted, services, name, "password")


@router.post("/sign-out")
def sign_out(services: ServicesDep, form: OwnForm) -> Response:
    """End this browser's session."""
    session, _ = form
    with services.audit.act(
        f"session:{session.account.name}", Act.SIGNED_OUT, session.account.name
    ) as connection:
        close_session(connection, session)
    return _signed_out(services)


@router.post("/desk/sign-out-everywhere")
def sign_out_everywhere(services: ServicesDep, form: OwnForm) -> Response:
    """End every session of the account."""
    name = form[0].account.name
    with services.audit.act(f"session:{name}", Act.SIGNED_OUT_EVERYWHERE, name) as connection:
        close_sessions(connection, name)
    return _signed_out(services)


@router.get("/desk/desk.css")
async def style() -> Response:
    """The style of these pages."""
    return FileResponse(STYLE, media_type="text/css", headers={"Cache-Control": "public, no-cache"})


def _admitted(services: Services, name: str, way: str) -> Response:
    """A new session for this browser, whatever cookie it came with."""
    with services.audit.act(f"session:{name}", Act.SIGNED_IN, name, way=way) as connection:
        token = open_session(connection, name, datetime.now(UTC), services.settings.session_hours)
    return RedirectResponse("/desk", 303, {"Set-Cookie": session_cookie(services.settings, token)})


def _signed_out(services: Services) -> Response:
    return RedirectResponse("/", 303, {"Set-Cookie": session_cookie(services.settings, "")})


def _set_password(services: Services, name: str, password: str, link: str | None = None) -> None:
    """Set a password; by a link, only if it is the first to use that link."""
    with services.audit.act(f"session:{name}", Act.PASSWORD_SET, name) as connection:
        if link is not None and not take_link(connection, link, datetime.now(UTC)):
            raise failure(404, NOT_FOUND)
        set_password(connection, name, password)


def _sign_in_form(
    request: Request, services: Services, problem: tuple[str, str] | None = None, status: int = 200
) -> Response:
    said = problem[lang_of(request) == "en"] if problem else None
    return show(request, "sign-in", status, problem=said, office=services.office is not None)


def _desk_page(
    request: Request,
    identity: Identity,
    generation: GenerationDep,
    status: int = 200,
    problem: tuple[str, str] | None = None,
) -> Response:
    assert identity.session is not None
    account, n = identity.session.account, int(lang_of(request) == "en")
    lang = ("zh-Hans", "en")[n]
    guides = [
        {"url": guide["url"], "title": guide["title"], "level": LEVELS[Level(guide["level"])][n]}
        for guide in generation.guides(identity.reader, services_of(request).watch.over(generation).withdrawn)
        if guide["level"] != Level.OPEN and guide["lang"] == lang
    ]
    unit = generation.units.get(account.unit or "", {}).get("name", account.unit)
    return show(
        request,
        "desk",
        status,
        account=account,
        unit=unit.get(("zh", "en")[n], account.unit) if isinstance(unit, dict) else unit,
        audience=AUDIENCES[account.reader.audience][n],
        level=LEVELS[account.reader.level][n],
        roles="、".join(sorted(account.reader.roles)) if n == 0 else ", ".join(sorted(account.reader.roles)),
        guides=guides,
        has_password=account.has_password,
        form_token=identity.session.form_token,
        notice=None,
        problem=problem[n] if problem else None,
    )
