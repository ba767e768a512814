"""Personal data by its shape: what is found, what is left alone, and that both doors see the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.personal import Personal, find, replace, widths

_NAMES = {kind: f"[{kind}]" for kind in Personal}
# Built from parts, so that nothing in this file looks like anybody's number.
_ID = "110101" + "19900307" + "7571"
_MOBILE = "139" + "1234" + "5678"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_MOBILE, Personal.MOBILE),
        (f"{_MOBILE[:3]}-{_MOBILE[3:7]}-{_MOBILE[7:]}", Personal.MOBILE),
        (f"（+86）{_MOBILE[:3]} {_MOBILE[3:7]} {_MOBILE[7:]}", Personal.MOBILE),
        (f"0086{_MOBILE}", Personal.MOBILE),
        ("".join(chr(ord(c) + 0xFEE0) for c in _MOBILE), Personal.MOBILE),
        (_ID, Personal.ID),
        (_ID[:17] + "0", Personal.ID),
        (f"{_ID[:6]} {_ID[6:14]} {_ID[14:]}", Personal.ID),
        ("4111 1111 1111 1111", Personal.CARD),
        ("li.na@a.example", Personal.EMAIL),
        ("ｌｉ＠ａ．example", Personal.EMAIL),
    ],
)
def test_personal_data_is_found_once(text: str, kind: Personal) -> None:
    """Spaces, hyphens, widths and country codes hide nothing, and a number is one thing only."""
    assert [found for found, _ in find(f"联系{text}。")] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "000-0000-0101",
        "12345",
        "SS-20260101-0001",
        "2026-11-02",
        "国办发〔2020〕53号",
        "1234567812345678",
        "10000000000",
    ],
)
def test_numbers_of_offices_are_left_alone(text: str) -> None:
    """Hotlines, numbers of requests, dates and documents are nobody's."""
    assert list(find(text)) == []
    assert replace(text, _NAMES) == text


@given(st.text(alphabet="0123456789 -abc@.中１２", max_size=40))
def test_a_text_without_findings_is_only_narrowed(text: str) -> None:
    """Replacing changes widths alone where nothing is found, and something where anything is."""
    assert (replace(text, _NAMES) == widths(text)) == (not list(find(text)))
