"""Questions that name no matter: one question back with real choices, each of which is then answered."""

from dataclasses import replace
from functools import cache

import pytest

from rag.access import ANONYMOUS
from rag.answer import Assistant, Found, rivals
from rag.decide import Evidence
from rag.exchange import Outcome, Question, Turn
from rag.facets import Facet
from rag.question import Part
from rag.retrieve import NOTHING
from rag.scope import Scope
from rag.text import script_of
from tests.rag.made import chunk, evidence_of, scope_of

ASKED = Part("号牌收费吗", "收费吗", Facet.FEE, ("号牌",))


@cache
def by_type() -> Scope:
    """Two services and a how-to guide that share a word of their titles."""
    return scope_of(
        [
            chunk("pub-bike", title="自行车号牌"),
            chunk("pub-moped", title="电动车号牌"),
            chunk("pub-how", title="号牌怎么装", type="how-to"),
        ]
    )


def _found(*scores: tuple[int, float], part: Part = ASKED, naming: float = 1.0) -> Found:
    """A part with evidence of chunks of these numbers, best first."""
    evidence = [evidence_of(part, by_type(), [(number, 0, score)]) for number, score in scores]
    named = [replace(item, features=replace(item.features, naming=naming)) for item in evidence]
    return Found(part, NOTHING, named)


def _guides(evidence: list[Evidence]) -> list[str]:
    return [item.guide for item in evidence]


FORMS = [
    "怎么申请", "要几天", "要多少钱", "收费吗", "要带什么材料", "在哪里办", "需要什么条件", "怎么办理？", "多久能办好", "去哪办",
    "能网上办吗", "打什么电话", "办好了怎么领", "有效期多久", "不服怎么办", "怎么查进度", "什么时候能办下来", "要准备些什么",
    "流程是什么", "谁可以申请", "怎麼申請", "要幾天", "要帶甚麼材料", "請問在哪裡辦理", "要不要錢",
    "How do I apply?", "How long does it take?", "How much is it?", "What do I need to bring?", "Where do I apply?",
    "Is it free?", "Who can apply?", "Can I apply?", "What documents are needed?", "Which office do I go to?",
    "When will it be ready?", "What are the steps?", "Can I do it online?", "What are the requirements?", "How long will it take?",
]  # fmt: skip
"""25 in Chinese, five of them in Traditional characters, and 15 in English."""


def test_there_are_forty_forms() -> None:
    """25 Chinese and 15 English forms, each once."""
    assert len(set(FORMS)) == 40
    assert [script_of(form) == "en" for form in FORMS].count(True) == 15


@pytest.mark.parametrize("form", FORMS)
def test_a_bare_form_is_asked_back_with_choices_that_are_answered(assistant: Assistant, form: str) -> None:
    """Two to four choices; the question of each is answered by the guide that it names."""
    answer = assistant.ask(Question(form), ANONYMOUS)
    assert answer.outcome is Outcome.CLARIFY and 2 <= len(answer.choices) <= 4, answer.text
    for choice in answer.choices:
        then = assistant.ask(Question(choice["question"]), ANONYMOUS)
        assert then.outcome in (Outcome.ANSWERED, Outcome.PARTIAL), (choice, then.text)
        assert then.citations[0].guide == choice["guide"], (choice, then.text)


@pytest.mark.parametrize(
    ("form", "name"), [("收费吗", "借书"), ("要带什么材料", "借书"), ("How much is it?", "Borrowing books")]
)
def test_a_subject_named_after_the_question_is_asked_that_question(
    assistant: Assistant, form: str, name: str
) -> None:
    """Who types the name instead of choosing gets what the choice gives."""
    back = assistant.ask(Question(form), ANONYMOUS)
    history = (Turn("user", form), Turn("assistant", back.text))
    named = assistant.ask(Question(name, history), ANONYMOUS)
    whole = assistant.ask(Question(f"{name}：{form}"), ANONYMOUS)
    assert named.outcome is Outcome.ANSWERED
    assert named.citations[0].quote == whole.citations[0].quote


def test_services_that_fit_alike_are_asked_back() -> None:
    """Two services of the same name, both sure and close: the person knows which one he means."""
    assert _guides(rivals(_found((0, 2.0), (1, 1.9)), by_type())) == ["pub-bike", "pub-moped"]


@pytest.mark.parametrize(
    "found",
    [
        _found((0, 2.0)),
        _found((0, 2.0), (1, 1.7)),
        _found((0, 2.0), (2, 1.9)),
        _found((2, 2.0), (0, 1.9), (1, 1.9)),
        _found((0, 2.0), (1, 1.9), naming=0.0),
        _found((0, 2.0), (1, 1.9), part=replace(ASKED, facet=None)),
    ],
    ids=["alone", "far", "an explanation beside", "an explanation first", "unnamed", "something particular"],
)
def test_what_can_be_answered_is_not_asked_back(found: Found) -> None:
    """One service, a clearly better one, a guide that only explains, or none that the question names."""
    assert rivals(found, by_type()) == []
