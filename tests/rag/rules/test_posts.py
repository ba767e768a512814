"""What names a person and what a post."""

import pytest

from rag.rules.posts import is_person


@pytest.mark.parametrize(
    "name", ["张伟", "李小明", "王芳", "赵先生", "Zhang Wei", "Mr. Smith", "Li Xiaoming"]
)
def test_names_of_persons_are_known(name: str) -> None:
    """A surname with one or two characters, syllables of a name, or an honorific: a person."""
    assert is_person(name, "zh" if not name.isascii() else "en")


@pytest.mark.parametrize(
    "name", ["申请人", "单位", "您", "经办人", "县公安局", "窗口人员", "平台", "业主", "社区", "居委会", "程序", "高校", "系统", "You", "Counter staff", "Lead unit", "The platform"]
)  # fmt: skip
def test_roles_and_offices_are_no_persons(name: str) -> None:
    """What ends like a role or an office is none, even when it begins like a surname."""
    assert not is_person(name, "zh" if not name.isascii() else "en")
