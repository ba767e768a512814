"""export: the catalogue of services, or the open guides, as linked data for other systems."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.office import open_office, open_watch
from api.commands.options import DocsOption, print_json, settings_of, stop
from rag.access import Level
from rag.guides import Library


class Format(StrEnum):
    """Vocabularies that the guides can be exported in."""

    CPSV_AP = "cpsv-ap"
    SCHEMA_ORG = "schema-org"


FormatArgument = Annotated[Format, typer.Argument(help="格式 / format")]
UpToOption = Annotated[
    Level,
    typer.Option("--level", help="最高级别，受限指南不导出 / highest level; restricted guides never leave"),
]
FileOption = Annotated[
    Path | None,
    typer.Option("--out", help="写入文件，默认标准输出 / file, default standard output", dir_okay=False),
]


def export(
    form: FormatArgument = Format.CPSV_AP,
    docs: DocsOption = None,
    level: UpToOption = Level.OPEN,
    out: FileOption = None,
) -> None:
    """导出服务目录（CPSV-AP）或公开指南（schema.org）。 / Export services (CPSV-AP) or open guides (schema.org)."""
    if level is Level.RESTRICTED:
        stop("受限指南不导出", "restricted guides are never exported", 2)
    if form is Format.SCHEMA_ORG and level is not Level.OPEN:
        stop("schema-org 只导出公开指南", "schema-org describes open guides only", 2)
    with open_watch() as watch:
        withdrawn = watch.now().withdrawn
    data = _data(form, _library(settings_of(docs=docs).docs).without(withdrawn), level)
    if level is not Level.OPEN:
        _record(form, level)
    if out is None:
        print_json(data)
        return
    try:
        out.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        stop(f"{out} 写不了：{error.strerror}", f"{out} cannot be written: {error.strerror}", 2)


def _record(form: Format, level: Level) -> None:
    """What leaves the house above the open level is in the audit trail."""
    from api.audit import Act

    with open_office() as office:
        office.audit.record(office.actor, Act.EXPORTED, form, level=level)


def _library(docs: Path) -> Library:
    """The guides, if a build would take them: nothing leaves that the check has not passed."""
    from rag.checks import checked_library, errors

    library, problems = checked_library(docs)
    found = errors(problems)
    for problem in found:
        typer.echo(str(problem), err=True)
    if found:
        stop("指南有错误，没有导出", "the guides have errors; nothing was exported")
    return library


def _data(form: Format, library: Library, level: Level) -> dict[str, Any]:
    from rag.cpsv.catalogue import catalogue
    from rag.schema_org.documents import open_guides_json_ld

    site = library.site
    if form is Format.CPSV_AP:
        return catalogue(library, level, site)
    return open_guides_json_ld(library, site)
