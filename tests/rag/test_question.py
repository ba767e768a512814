"""Questions taken apart: facets asked for, parts, subjects carried over, typing errors."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.facets import Facet
from rag.question import MAX_CHARS, Part, Talk, Vocabulary, content_terms, facets_of, parts_of
from rag.spelling import speller
from rag.text import fold, terms, to_traditional

F = Facet
NAMES = frozenset(terms("自行车号牌 单车牌照 bicycle tag 路灯报修 street lamp repair"))
KNOWN = NAMES | frozenset(terms("补发 遗失 损坏 旧牌 当场 照片 lost damaged photo"))
WORDS = Vocabulary(KNOWN.__contains__, NAMES.__contains__)

ASKED = [
    ("要多久", F.TIME_LIMIT), ("几天能办好", F.TIME_LIMIT), ("什么时候能拿到", F.TIME_LIMIT), ("办理时限是多少", F.TIME_LIMIT),
    ("要多少个工作日", F.TIME_LIMIT), ("多长时间", F.TIME_LIMIT),
    ("要不要钱", F.FEE), ("收费吗", F.FEE), ("多少钱", F.FEE), ("是免费的吗", F.FEE), ("工本费多少", F.FEE),
    ("要带什么材料", F.MATERIALS), ("需要准备哪些东西", F.MATERIALS), ("要什么证件", F.MATERIALS), ("提交什么材料", F.MATERIALS),
    ("去哪里办", F.CHANNELS), ("在哪儿办理", F.CHANNELS), ("能不能网上办", F.CHANNELS), ("哪个窗口", F.CHANNELS),
    ("怎么办理", F.STEPS), ("办理流程", F.STEPS), ("如何申请", F.STEPS), ("咋办理", F.STEPS),
    ("什么条件可以申请", F.APPLIES), ("谁能申请", F.APPLIES), ("我能申请吗", F.APPLIES),
    ("有效期多久", F.RESULT), ("进度怎么查", F.PROGRESS), ("不服怎么办", F.REMEDY), ("怎么投诉", F.COMPLAINT),
    ("联系电话是多少", F.CONTACT), ("几点上班", F.HOURS), ("What are the opening hours?", F.HOURS), ("法律依据是什么", F.LEGAL_BASIS),
    ("How long does it take?", F.TIME_LIMIT), ("How many days do I have?", F.TIME_LIMIT), ("What is the deadline?", F.TIME_LIMIT),
    ("How much does it cost?", F.FEE), ("Is it free?", F.FEE), ("Is there a fee?", F.FEE),
    ("What do I need to bring?", F.MATERIALS), ("Which documents are needed?", F.MATERIALS),
    ("Where do I apply?", F.CHANNELS), ("Can I do it online?", F.CHANNELS), ("Which office is it?", F.CHANNELS),
    ("How do I apply?", F.STEPS), ("What are the steps?", F.STEPS),
    ("Who can apply?", F.APPLIES), ("Who is eligible?", F.APPLIES), ("What is the phone number?", F.CONTACT),
    ("How do I appeal?", F.REMEDY), ("What is the legal basis?", F.LEGAL_BASIS), ("How do I complain?", F.COMPLAINT),
]  # fmt: skip


@pytest.mark.parametrize(("text", "facet"), ASKED, ids=[text for text, _ in ASKED])
def test_a_question_asks_for_its_facet(text: str, facet: Facet) -> None:
    """Everyday wordings in Chinese and English are told apart by what they ask for."""
    assert facets_of(text)[:1] == [facet]


@pytest.mark.parametrize("text", [text for text, _ in ASKED if not text.isascii()])
def test_scripts_and_widths_ask_the_same(text: str) -> None:
    """A question in Traditional characters or with wide punctuation asks for the same facets."""
    assert facets_of(to_traditional(text)) == facets_of(text)
    assert facets_of(f"{text}？") == facets_of(f"{text}?") == facets_of(text)


@pytest.mark.parametrize("text", ["自行车号牌", "路灯坏了", "bicycle tag", "你好", ""])
def test_a_mere_subject_asks_for_no_facet(text: str) -> None:
    """Words that only name something ask for nothing particular."""
    assert facets_of(text) == []


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("自行车号牌要哪些材料、多少天、要不要钱", {F.MATERIALS, F.TIME_LIMIT, F.FEE}),
        ("自行车号牌几天办好？收费吗？", {F.TIME_LIMIT, F.FEE}),
        ("自行車號牌要帶甚麼材料，去哪裡辦", {F.MATERIALS, F.CHANNELS}),
        ("How long does a bicycle tag take and how much does it cost?", {F.TIME_LIMIT, F.FEE}),
    ],
)
def test_each_part_of_a_question_keeps_its_subject(text: str, facets: set[Facet]) -> None:
    """A question of several parts becomes one part a facet, all about the subject named once."""
    parts = parts_of(text, WORDS)
    assert {part.facet for part in parts} >= facets
    assert all(any(map(WORDS.names, part.content)) for part in parts if part.facet in facets)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("我的自行车号牌材料交上去了，多久能拿到", "多久能拿到"),
        ("他们说自行车号牌不符合条件，我要怎么投诉", "我要怎么投诉"),
        ("I paid the fee for my bicycle tag, when do I get it?", "when do I get it"),
    ],
)
def test_what_somebody_tells_is_no_part(text: str, asked: str) -> None:
    """A clause that tells and asks nothing is what the question after it is about, though it holds a facet's word."""
    parts = parts_of(text, WORDS)
    assert {part.text for part in parts} == {asked}
    assert any(map(WORDS.names, parts[0].content))


@pytest.mark.parametrize(
    "text",
    [
        "自行车号牌能不能转让？照片要不要穿正装",
        "自行车号牌能不能转让?照片是不是要正装?",
        "Can I lend out my bicycle tag, and which photo does the clerk like?",
    ],
)
def test_two_questions_of_nothing_particular_are_two_parts(text: str) -> None:
    """A mark of question, or "and which", begins another part; what only it says is its own."""
    first, second = parts_of(text, WORDS)
    assert first.own == ()
    assert second.own and not any(map(WORDS.names, second.own))
    assert set(second.own) < set(second.content)


def test_a_story_before_a_question_is_no_part_of_its_own() -> None:
    """The words of a question after a story are not held apart: both say what it is about."""
    (part,) = parts_of("自行车号牌让水泡坏了，照片要不要重拍", WORDS)
    assert part.own == ()


def test_words_of_a_list_are_parts_without_asking() -> None:
    """Who types two bare wishes gets both, though neither is a question."""
    assert {part.facet for part in parts_of("自行车号牌办理流程，收费标准", WORDS)} == {F.STEPS, F.FEE}


def test_equal_parts_are_asked_once() -> None:
    """Asking the same twice in other words gives one part."""
    parts = parts_of("自行车号牌要多久？自行车号牌几天？", WORDS)
    assert [part.facet for part in parts] == [F.TIME_LIMIT]


def _subject(parts: list[Part]) -> set[str]:
    return {term for part in parts for term in part.content if WORDS.names(term)}


@pytest.mark.parametrize("follow_up", ["那要什么材料", "要多久呢", "收费吗", "去哪里办"])
def test_a_follow_up_takes_the_subject_of_the_talk(follow_up: str) -> None:
    """What was asked before supplies the subject that a follow-up leaves out."""
    assert not _subject(parts_of(follow_up, WORDS))
    parts = parts_of(follow_up, WORDS, Talk("自行车号牌怎么办理"))
    assert "号牌" in _subject(parts)
    assert "号牌" in parts[0].query


def test_a_new_subject_replaces_the_old_one() -> None:
    """A follow-up that names its own subject carries nothing over."""
    parts = parts_of("路灯报修要多久", WORDS, Talk("自行车号牌怎么办理"))
    assert "路灯" in _subject(parts) and "号牌" not in _subject(parts)


@pytest.mark.parametrize("text", ["", "   ", "？？？", "请问一下", "的了吗", "你好"])
def test_a_question_about_nothing_has_no_content(text: str) -> None:
    """Politeness and punctuation alone name no subject."""
    assert not any(part.content for part in parts_of(text, WORDS))


@pytest.mark.parametrize("text", ["怎么申请", "要几天", "要带什么材料", "How do I apply?", "How long?"])
def test_a_facet_alone_has_no_subject(text: str) -> None:
    """A question that names no subject keeps its facet and has no content."""
    parts = parts_of(text, WORDS)
    assert parts and all(part.facet and not part.content for part in parts)


def test_content_leaves_out_function_words() -> None:
    """Only words that say about what remain, each once, in order."""
    found = content_terms("请问我的自行车号牌，自行车号牌的照片", WORDS.known)
    assert {"号牌", "照片"} <= set(found)
    assert len(found) == len(set(found))
    assert not {"请问", "我的", "的照"} & set(found)


TYPED = [("自行车好牌", "自行车号牌"), ("自行车号排", "自行车号牌"), ("路登报修", "路灯报修")]


@pytest.mark.parametrize(("typed", "meant"), TYPED)
def test_a_name_typed_with_a_wrong_character_of_the_same_sound_is_mended(typed: str, meant: str) -> None:
    """Input by sound picks wrong characters; names of guides are recognised all the same."""
    pairs = {term: 1 for term in KNOWN if len(term) == 2}
    assert speller(["自行车号牌", "路灯报修"], pairs).correct(f"{typed}怎么办") == f"{meant}怎么办"


@pytest.mark.parametrize(
    "text", ["自行车号牌要多久", "今天天气怎么样", "报修电话是多少", "三天能办好吗", "lost tag"]
)
def test_right_words_are_not_mended(text: str) -> None:
    """What is written right stays as it is."""
    pairs = {term: 1 for term in KNOWN if len(term) == 2}
    assert speller(["自行车号牌", "路灯报修"], pairs).correct(text) == text


@settings(max_examples=60)
@given(
    st.text(alphabet="自行车号牌路灯要多久钱材料怎么办吗，。？ \n、abc1２（", max_size=60),
    st.text(max_size=30),
)
def test_any_text_is_taken_apart(text: str, context: str) -> None:
    """No text makes it fail, and no part holds a term that the text and its context lack."""
    for part in parts_of(text, WORDS, Talk(context, said=context)):
        assert isinstance(part.content, tuple)
        assert len(set(part.content)) == len(part.content)


def test_a_very_long_question_is_cut() -> None:
    """Only the first characters are read, so that length costs nothing."""
    assert not _subject(parts_of("好" * MAX_CHARS + "自行车号牌要多久", WORDS))


def test_traditional_wording_has_the_same_content() -> None:
    """A question in Traditional characters is about the same terms as in Simplified ones."""
    one, other = (parts_of(text, WORDS)[0] for text in ("自行车号牌要多久", "自行車號牌要多久"))
    assert set(one.content) & NAMES == set(other.content) & NAMES
    assert fold(other.text) == fold(one.text)
