"""Pages outside the built site: sign-in, desk, and failures as people see them. No script runs on them."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parent / "static" / "desk.css"
_FORM = "application/x-www-form-urlencoded"
_FIELDS = 10
"""More fields than any form here has."""


def show(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language: Chinese, unless the address or the browser asks for English."""
    lang = lang_of(request)

    def say(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    text = _environment().get_template(f"{name}.html").render(
        say=say, lang="en" if lang == "en" else "zh-Hans", path=request.url.path, **values
    )  # fmt: skip
    return HTMLResponse(text, status)


def lang_of(request: Request) -> str:
    """`en` or `zh`."""
    wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "en" if wanted.lower().startswith("en") else "zh"


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for something else than the API."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; none where the body is no form. The edge has bounded its size."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return {}
    try:
        text = (await request.body()).decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, strict_parsing=False))
    except ValueError:
        return {}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
