"""M10–M13: what a service costs, how often one must come, and which documents it may ask for."""

import re
from collections.abc import Iterator
from functools import cache

import yaml

from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.settings import ROOT
from rag.text import fold

PROOFS = ROOT / "rag" / "rules" / "proofs.yml"

_VAGUE_MATERIAL = re.compile(
    r"(?:其[他它]|有关|相关|必要)(?:的)?(?:申请)?(?:材料|证明|证件|资料|文件)|等(?:等|材料|证件|证明|文件|资料|有效证件)?[)）]?$"
    r"|\b(?:other|relevant|related|necessary|supporting) (?:documents?|materials?|papers?|proofs?)\b|\betc\.?[)]?$|\band so on$",
    re.IGNORECASE,
)
_COMMITTEE = re.compile(
    r"居(?:民)?委(?:员)?会|村(?:民)?委(?:员)?会|[居村][(（][居村][)）]委会|社区(?!戒毒|康复|社会组织|卫生|医院|矫正)(?=.{0,8}(?:出具|开具|开|盖|证明))|村里(?=.{0,6}[开出盖])"
    r"|\b(?:residents|villagers|neighbou?rhood|village)['’]? committees?\b|\bcommunity(?=.{0,20}\b(?:issue|proof|certif))",
    re.IGNORECASE,
)
_REMOTE = frozenset({"web", "post", "proxy"})


def m10_fee(view: View) -> Iterator[Problem]:
    """A charge names its item and basis; what is free is not paid online."""
    for guide in view.guides:
        fee = guide.meta.fee
        if fee and fee.charged and not (fee.items and all(item.basis for item in fee.items)):
            yield at(guide, "M10", ("fee",), "收费要写项目和依据", "a charge needs an item and its basis",
                      "补上 items 和 basis", "add items with basis")  # fmt: skip
        if fee and not fee.charged and fee.pay_online:
            yield at(guide, "M10", ("fee", "pay_online"), "不收费却可网上缴费", "free, yet paid online",
                      "改正一处", "mend one of the two")  # fmt: skip


def m11_visits(view: View) -> Iterator[Problem]:
    """Visits have a reason; no visit needs a way without one."""
    for guide in view.guides:
        meta = guide.meta
        if meta.visits and not meta.visit_reason:
            yield at(guide, "M11", ("visits",), "要到现场却没有理由", "visits without a reason",
                      "写 visit_reason", "give visit_reason")  # fmt: skip
        if meta.visits == 0 and not any(channel.kind in _REMOTE for channel in meta.channels):
            yield at(guide, "M11", ("visits",), "跑0次却没有网上、邮寄或代办渠道",
                      "0 visits, but no web, post or proxy channel", "补渠道", "add such a channel")  # fmt: skip


def m12_materials(view: View) -> Iterator[Problem]:
    """Materials are named exactly, and what offices share is not demanded."""
    for guide in view.guides:
        for n, material in enumerate(guide.meta.materials):
            if _VAGUE_MATERIAL.search(_folded(material.name)):
                yield at(guide, "M12", ("materials", n), f"材料名含糊：{material.name}",
                          f"vague material: {material.name}", "写明是什么材料", "name the document")  # fmt: skip
            if material.source == "shared-no-need" and material.need == "must":
                yield at(guide, "M12", ("materials", n), "部门可共享的材料不得要求必交",
                          "a document that offices share must not be required", "改 need", "change need")  # fmt: skip


def m13_proofs(view: View) -> Iterator[Problem]:
    """No material is one of the 20 proofs that residents' and villagers' committees must not issue."""
    for guide in view.guides:
        for n, material in enumerate(guide.meta.materials):
            text = fold("；".join(part for part in (material.name, material.case, material.template) if part))
            proof = next((proof for proof, pattern in _proofs() if pattern.search(text)), None)
            if proof and _COMMITTEE.search(text):
                yield at(guide, "M13", ("materials", n), f"居（村）委会不再开{proof}", f"committees no longer issue this proof ({proof})",
                         "删去，或改成有权核实的单位出具", "remove it, or name the office that may issue it")  # fmt: skip


@cache
def _proofs() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each of the 20 proofs with the pattern that knows it in both languages."""
    entries: list[dict[str, str]] = yaml.safe_load(PROOFS.read_text(encoding="utf-8"))
    return tuple((entry["name"], re.compile(f"{entry['zh']}|{entry['en']}")) for entry in entries)


def _folded(name: str) -> str:
    """A name without spaces between Chinese characters, widths folded."""
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", fold(name))


RULES: tuple[Rule, ...] = (
    m10_fee,
    m11_visits,
    m12_materials,
    m13_proofs,
)
