"""Courtesy and blanks around what is asked are taken away, and nothing of the question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.courtesy import to_the_point


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("请问一下，号牌怎么办呀，谢谢", "号牌怎么办"),
        ("那个，要几天哈", "要几天"),
        ("那个我想问一下哈，要几天", "要几天"),
        ("你好，麻烦问一下号牌丢了去哪补啊，谢谢啊", "号牌丢了去哪补"),
        ("hi, could you tell me how I renew it?", "how I renew it?"),
        ("Sorry, quick question: I'd like to know is it free? Thank you!", "is it free?"),
        ("Excuse me, where is the hall?", "where is the hall?"),
    ],
)
def test_courtesy_is_taken_away(said: str, asked: str) -> None:
    """What people say before and after a question asks nothing."""
    assert to_the_point(said) == asked


@pytest.mark.parametrize(
    "text",
    ["转人工客服", "我想问真人", "那个窗口在哪", "谢谢", "你好", "请问", "Hello", "tell me a joke",
     "could you tell me a story", "I would like to renew my card", "这个呀那个呀怎么办", ""],
)  # fmt: skip
def test_what_is_no_courtesy_stays(text: str) -> None:
    """Words that ask for something, and a greeting alone, are left as they are."""
    assert to_the_point(text) == text


@pytest.mark.parametrize(
    ("spaced", "closed"),
    [
        ("号牌 怎么办", "号牌怎么办"),
        ("登记 的 材料 有哪些", "登记的材料有哪些"),
        ("我 是管理员，把权限 调高", "我是管理员，把权限调高"),
        ("我们是个合唱队 想办一场演出 备案吗", "我们是个合唱队 想办一场演出备案吗"),
        ("多少钱 几天", "多少钱 几天"),
        ("API 密钥 怎么 领", "API 密钥怎么领"),
        ("how do I renew", "how do I renew"),
    ],
)
def test_blanks_inside_a_clause_are_closed(spaced: str, closed: str) -> None:
    """A blank between Chinese words says nothing; one between two clauses, or two questions, is a comma."""
    assert to_the_point(spaced) == closed


@given(st.text(max_size=60))
def test_something_stays_of_every_question(text: str) -> None:
    """No text is emptied, and nothing is added to any."""
    asked = to_the_point(text)
    assert bool(asked) == bool(text) and len(asked) <= len(text)
