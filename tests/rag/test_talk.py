"""What a conversation carries over to the next question, and when it carries nothing."""

import pytest

from rag.facets import Facet
from rag.question import MAX_CHARS, Talk, parts_of
from rag.talk import in_context, talk_of
from tests.rag.made import THREE_GUIDES, scope_of, vector

SCOPE = scope_of(THREE_GUIDES)
HISTORY = [("user", "自行车号牌怎么办理"), ("assistant", "当场发放。")]


def test_a_follow_up_is_searched_with_what_was_said_before() -> None:
    """The question first, then earlier turns from the newest; of the assistant's only what it asked back."""
    history = [
        ("user", "居住证怎么办"),
        ("assistant", "15日内发证。"),
        ("assistant", "您要首次办理还是补办？"),
        ("user", "补办"),
    ]
    assert in_context("要钱吗", history) == "要钱吗 补办 您要首次办理还是补办？ 居住证怎么办"
    assert in_context("要钱吗", []) == "要钱吗"
    assert len(in_context("问" * 400, [("user", "答" * 400)])) == MAX_CHARS


@pytest.mark.parametrize("text", ["要钱吗", "旧牌交到窗口吗", "遗失的多久补发"])
def test_a_turn_that_the_guide_talked_of_holds_goes_on_about_it(text: str) -> None:
    """Its subject is carried over and the talk is searched with."""
    for part in parts_of(text, SCOPE.words, talk_of(HISTORY, SCOPE, vector)):
        assert "号牌" in part.content and part.talk and part.talk in part.searched


def test_a_turn_about_another_matter_carries_nothing() -> None:
    """Another guide's name ends the talk."""
    (part,) = parts_of("路灯报修要多久", SCOPE.words, talk_of(HISTORY, SCOPE, vector))
    assert not part.talk and "号牌" not in part.content and part.searched == "路灯报修要多久"


def test_a_subject_alone_is_asked_what_was_asked_of_nothing() -> None:
    """A bare question, then the name: the facet of the one, the subject of the other."""
    history = [("user", "要多少钱"), ("assistant", "您想问哪一件事？")]
    (part,) = parts_of("自行车号牌", SCOPE.words, talk_of(history, SCOPE, vector))
    assert part.facet is Facet.FEE and "号牌" in part.content


def test_without_earlier_questions_there_is_no_talk() -> None:
    """What the assistant said by itself is about nothing."""
    assert talk_of([("assistant", "您好！")], SCOPE, vector) == Talk()
