"""M16: the law that a guide rests on is complete, in force, lately checked and the same as in the registry."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from rag.guides import Guide
from rag.problems import Problem
from rag.rules.view import Rule, View, at
from rag.schema import LegalBasis
from rag.text import normalise

_CHECK_AGAIN = timedelta(days=365)
_STATE = re.compile(r"^中华人民共和国|\s*\bof the people['’]s republic of china\b", re.IGNORECASE)
_NOTE = re.compile(r"[（(][^（）()]*[）)]$")

Laws = Mapping[str, Mapping[str, Any]]


def m16_complete(view: View) -> Iterator[Problem]:
    """A legal basis names article and check date, is in force, and was checked within a year."""
    for guide in view.guides:
        for n, basis in enumerate(guide.meta.legal_basis):
            if not basis.article or not basis.verified_on or basis.status == "repealed":
                yield at(guide, "M16", ("legal_basis", n), f"依据不完整或已废止：{basis.name}",
                         f"legal basis incomplete or repealed: {basis.name}", "写条款和核对日期",
                         "give article and verified_on")  # fmt: skip
            elif view.today - basis.verified_on > _CHECK_AGAIN:
                yield at(guide, "M16", ("legal_basis", n), "依据核对已超过365日", "checked more than 365 days ago",
                         "重新核对", "check it again", warning=True)  # fmt: skip


def m16_registry(view: View) -> Iterator[Problem]:
    """Document number and date of a law are those of laws.yml; a law that is not there is a warning."""
    laws = _registry(view)
    for guide in view.guides if laws else ():
        for n, basis in enumerate(guide.meta.legal_basis):
            law = laws.get(_key(basis.name))
            if basis.status == "local-demo":
                continue
            if law is None:
                yield at(guide, "M16", ("legal_basis", n), f"laws.yml 中没有《{basis.name.strip('《》')}》",
                         f"laws.yml has no {basis.name}", "改正名称，或核对后补入 laws.yml",
                         "mend the name, or check the law and add it to laws.yml", warning=True)  # fmt: skip
            else:
                yield from _compared(guide, n, basis, law)


def _compared(guide: Guide, n: int, basis: LegalBasis, law: Mapping[str, Any]) -> Iterator[Problem]:
    """What a legal basis says otherwise than the registry."""
    if law.get("status"):
        yield at(guide, "M16", ("legal_basis", n), f"《{law['zh']}》不能引用：{law['status']}",
                 f"{basis.name} may not be cited: {law['status']}", "换成现行依据", "cite the law in force")  # fmt: skip
    known, date = law.get("doc_no"), law.get("effective")
    if basis.doc_no and known and not _same_number(basis.doc_no, known, guide.lang):
        yield at(guide, "M16", ("legal_basis", n, "doc_no"), f"文号应为{known}", f"the document number should be that of {known}",
                 "照 laws.yml 改正", "mend it after laws.yml")  # fmt: skip
    if basis.effective and date and basis.effective != date:
        yield at(guide, "M16", ("legal_basis", n, "effective"), f"施行日期应为{date}", f"it took effect on {date}",
                 "照 laws.yml 改正", "mend it after laws.yml")  # fmt: skip


def _registry(view: View) -> Laws:
    """Laws by each of their names."""
    entries = view.data("laws.yml").get("laws", [])
    return {_key(name): law for law in entries for name in (law["zh"], *law.get("en", []))}


def _key(name: str) -> str:
    """A law's name without the state, brackets, notes and articles before it."""
    bare = _STATE.sub("", _NOTE.sub("", name.strip("《》 ")))
    return re.sub(r"^(?:the |several )+|\s+", " ", normalise(bare)).strip()


def _same_number(said: str, known: str, lang: str) -> bool:
    """Whether two document numbers are one; an English one has other words and the same figures."""
    if lang == "zh":
        one, other = (
            re.sub(r"[\s\[\]〔〕【】()]|中华人民共和国", "", normalise(number)) for number in (said, known)
        )
        return one == other
    return re.findall(r"\d+", normalise(said)) == re.findall(r"\d+", normalise(known))


RULES: tuple[Rule, ...] = (m16_complete, m16_registry)
