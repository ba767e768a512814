"""`zhinan export`: what leaves, in which form, and what never does."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import commands
from tests.library import PARAMS, guide, service, write_guide, write_office


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of the test's own, in which nothing is withdrawn."""
    monkeypatch.setenv("ZHINAN_DATABASE", f"sqlite:///{tmp_path / 'store.sqlite'}")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """An office with a service of each level, and a site of its own."""
    root = write_office(tmp_path / "docs", params="site: https://guide.example\n" + PARAMS)
    setter = {"level_setter": "定级岗"}
    for meta in (
        service("pub-bike-tag"),
        guide("pub-bike-rules"),
        service("org-bike-fleet", level="members", title="CANARY车队登记"),
        service("stf-bike-audit", level="internal", title="CANARY库存盘点", **setter),
        service("off-bike-theft", level="restricted", title="CANARY失窃移交", readers=["team"], **setter),
    ):
        write_guide(root, meta | {"translations": {}})
    return root


def _run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(commands(), ["export", *args])
    assert result.exit_code == code, result.output
    return result


def _ids(document: dict[str, Any]) -> set[str]:
    kind = "cpsv:PublicService"
    return {node["dct:identifier"] for node in document["@graph"] if node["@type"] == kind}


def test_the_default_is_the_open_catalogue_on_standard_output(docs: Path) -> None:
    """Without options the open services come out as CPSV-AP, with ids of the configured site."""
    said = _run("--docs", str(docs)).stdout
    document = json.loads(said)
    assert _ids(document) == {"pub-bike-tag"}
    assert "https://guide.example/public/pub-bike-tag/#service" in said
    assert "CANARY" not in said


def test_schema_org_describes_open_guides_of_every_type(docs: Path) -> None:
    """The other format holds open guides, services or not."""
    said = _run("schema-org", "--docs", str(docs)).stdout
    kinds = {node["@type"] for node in json.loads(said)["@graph"]}
    assert {"GovernmentService", "HowTo", "TechArticle"} <= kinds
    assert "CANARY" not in said


def test_higher_services_leave_only_when_the_operator_says_so(docs: Path) -> None:
    """--level adds services up to that level, never the restricted one."""
    internal = _ids(json.loads(_run("--docs", str(docs), "--level", "internal").stdout))
    assert internal == {"pub-bike-tag", "org-bike-fleet", "stf-bike-audit"}
    members = _ids(json.loads(_run("--docs", str(docs), "--level", "members").stdout))
    assert members == {"pub-bike-tag", "org-bike-fleet"}


@pytest.mark.parametrize(
    "args", [("--level", "restricted"), ("schema-org", "--level", "members"), ("--level", "secret"), ("rdf",)]
)
def test_what_cannot_be_exported_is_refused(docs: Path, args: tuple[str, ...]) -> None:
    """Restricted guides, schema.org above open, and unknown levels or formats end with exit code 2."""
    result = _run(*args, "--docs", str(docs), code=2)
    assert "@graph" not in result.stdout


def test_the_export_goes_to_a_file(docs: Path, tmp_path: Path) -> None:
    """--out writes the same document to a file and prints nothing."""
    target = tmp_path / "catalogue.jsonld"
    assert _run("--docs", str(docs), "--out", str(target)).stdout == ""
    assert json.loads(target.read_text(encoding="utf-8")) == json.loads(_run("--docs", str(docs)).stdout)
    _run("--docs", str(docs), "--out", str(tmp_path / "no-folder" / "x"), code=2)


def test_guides_with_errors_are_not_exported(docs: Path) -> None:
    """What a build would refuse does not leave either; the problems are named."""
    broken = service("pub-bike-tag", materials=[
        {"name": "其他材料", "source": "own", "form": "paper", "copies": 1, "need": "must"}])  # fmt: skip
    write_guide(docs, broken)
    result = _run("--docs", str(docs), code=1)
    assert result.stdout == "" and "M12" in result.stderr


def test_the_command_explains_itself_in_both_languages() -> None:
    """--help says in Chinese and English what it does."""
    said = _run("--help").stdout
    assert "导出" in said and "Export" in said
