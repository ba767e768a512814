"""The values of the answer contract: their fields, their JSON, their text."""

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from rag.exchange import Answer, Citation, Outcome, Question, Turn
from rag.screen import Reason

CITATION = Citation(
    1, "pub-tag", "zh-Hans", "号牌", "费用", "/public/pub-tag/#fee", "不收费。", 2, "2026-11-01", "管理处"
)
ANSWER = Answer(
    id="a1",
    outcome=Outcome.ANSWERED,
    reason=Reason.EVIDENCE,
    sentences=("\n- 不收费。 [1]", "\n- 三天办好。 [1]\n"),
    lang="zh-Hans",
    citations=(CITATION,),
    choices=({"label": "号牌", "question": "号牌：收费吗", "guide": "pub-tag"},),
    suggestions=({"guide": "pub-plate", "title": "车牌", "url": "/public/pub-plate/"},),
    contact={"phone": "000-0000-0101"},
    writer="extractive",
    generation="g-1",
    label="AI",
    elapsed_ms=1.5,
    chunks=("pub-tag#fee",),
)


def test_the_text_is_the_streamed_pieces_joined() -> None:
    """Pieces follow each other as they are, and blanks at both ends go."""
    assert ANSWER.text == "- 不收费。 [1]\n- 三天办好。 [1]"
    assert replace(ANSWER, sentences=()).text == ""


def test_json_has_every_field_of_the_contract() -> None:
    """The object holds plain values alone, in the order of the contract, and is the same after a round trip."""
    data = ANSWER.as_json()
    assert json.loads(json.dumps(data)) == data
    assert list(data) == [
        "id", "outcome", "reason", "text", "lang", "citations", "choices", "suggestions", "contact",
        "writer", "generation", "label", "elapsed_ms",
    ]  # fmt: skip
    assert (data["outcome"], data["reason"], data["text"]) == ("answered", "evidence", ANSWER.text)
    assert data["citations"][0]["quote"] == "不收费。" and data["citations"][0]["n"] == 1


def test_ids_of_chunks_stay_inside() -> None:
    """Chunks are for judging answers; what goes out says nothing of them."""
    assert replace(ANSWER, chunks=()).as_json() == ANSWER.as_json()


def test_values_cannot_be_changed() -> None:
    """A question and an answer may be shared among threads."""
    for value in (ANSWER, CITATION, Question("号牌"), Turn("user", "号牌")):
        with pytest.raises(FrozenInstanceError):
            value.text = "x"  # type: ignore[misc,union-attr]  # frozen, which is what is tested
