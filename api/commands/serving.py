"""serve: the site, the assistant and the API on one address."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.guides import build_with_progress
from api.commands.office import Office, open_office
from api.commands.options import DocsOption, OutOption, settings_of
from api.commands.users import link_address
from rag.access import Audience, Level, Reader
from rag.settings import Settings

FIRST_ACCOUNT = "admin"

Host = Annotated[
    str | None, typer.Option("--host", help="监听地址 / address to listen on", show_default=False)
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="监听端口 / port to listen on", show_default=False),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        help="进程数，默认每核一个，最多4个 / processes, by default one a core, 4 at most",
    ),
]


def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    docs: DocsOption = None,
    out: OutOption = None,
) -> None:
    """提供网站、助手和接口；还没建过就先建。 / Serve site, assistant and API; builds first if need be."""
    import uvicorn

    from api.protocol import allow_files, protocol_of
    from rag.generation import current

    settings = settings_of(host=host, port=port, docs=_absolute(docs), out=_absolute(out))
    if current(settings.out) is None:
        build_with_progress(settings)
    check_sign_in(settings)
    _hand_down(settings)
    _print_first_link()
    typer.echo(f"http://{settings.host}:{settings.port}", err=True)
    allow_files(settings.connections)
    uvicorn.run(
        "api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers or min(os.cpu_count() or 1, 4),
        http=protocol_of(settings),  # type: ignore[arg-type]  # uvicorn calls it, its type asks for a class
        ws="none",
        forwarded_allow_ips=settings.trusted_proxies,
        # Its own access log would hold addresses with what people searched for; api.edge writes ours.
        access_log=False,
        server_header=False,
        log_config=log_config(),
        timeout_graceful_shutdown=10,
        # A worker that is still loading its index on a busy machine is not a dead one.
        timeout_worker_healthcheck=60,
    )


def _print_first_link() -> None:
    """Until the first account has a password: the link with which the operator signs in."""
    from api.accounts import AccountError, list_accounts, make_link
    from api.audit import Act

    with open_office() as office:
        accounts, now = list_accounts(office.store), datetime.now(UTC)
        if any(account.has_password or account.subject for account in accounts):
            return
        name = accounts[0].name if accounts else FIRST_ACCOUNT
        if not accounts:
            # Of two servers that start together the other one may have made it a moment ago.
            with suppress(AccountError):
                _add_first(office, name, now)
        with office.audit.act(office.actor, Act.LINK_MADE, name, first=True) as connection:
            token = make_link(connection, name, now)
        typer.echo(f"首次登录 / first sign-in: {link_address(office, token)}", err=True)


def _add_first(office: Office, name: str, now: datetime) -> None:
    from api.accounts import add_account
    from api.audit import Act

    said: dict[str, object] = {
        "level": Level.INTERNAL,
        "audience": Audience.STAFF,
        "roles": [],
        "unit": None,
        "first": True,
    }
    with office.audit.act(office.actor, Act.ACCOUNT_ADDED, name, **said) as connection:
        add_account(connection, name, Reader(Audience.STAFF, Level.INTERNAL), None, now)


def check_sign_in(settings: Settings) -> None:
    """Stop before any worker starts if the rules of sign-in are wrong."""
    from api.oidc_rules import RulesError, read_rules

    try:
        if settings.oidc_rules is not None:
            read_rules(settings.oidc_rules)
    except RulesError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _absolute(path: Path | None) -> Path | None:
    return path.resolve() if path else None


def _hand_down(settings: Settings) -> None:
    """Each worker reads its settings from the environment: put there what the command line changed."""
    for name in ("docs", "out", "host", "port"):
        os.environ[f"ZHINAN_{name.upper()}"] = str(getattr(settings, name))


def log_config() -> dict[str, Any]:
    """Plain lines on standard error, for the server and for us."""
    level = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {"uvicorn": level, "zhinan": level},
    }
