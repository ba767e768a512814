"""A question without what people put around it: courtesy before and after, blanks between words."""

import re

from rag.question import asks, clauses_of
from rag.text import HAN

_COURTESY = re.compile(
    r"^(?:(?:你好|您好|那个|不好意思)[，,。！!\s]+|请问(?:一下|下)?[，,\s]*"
    r"|(?:那个|您好|你好)?(?:我)?(?:想|要|就想|麻烦)?(?:问|请问|请教|咨询|打听)(?:一?下|一声)[哈啊呀吧]?[，,：:\s]*"
    r"|(?:hi|hello|hey|good (?:morning|afternoon)|excuse me|sorry)(?: there)?[,.! ]+|(?:a )?(?:quick|just a|one) question[:, ]+"
    r"|(?:(?:(?:could|can|would) you|please)(?: please)? (?:tell me|let me know)|i(?:'d| would) like to (?:know|ask)"
    r"|i(?: am|'m| was) wondering)[,: ]+(?=(?:what|how|who|whom|whose|when|where|why|which|is|are|do|does|can|may|must|will|if)\b))+"
    # A run of blanks is taken from its start and never given back: many of them cost no more than few.
    r"|(?:(?<=[^，,\s])[，,\s]++|(?<=.))"
    r"(?:(?:[呀啊哈][，,\s]*+)?(?:谢谢|多谢|thanks|thank you)[你您啊啦了]?|(?<![呀啊哈])[呀啊哈])[。！!.]*+$",
    re.IGNORECASE,
)
"""Words of courtesy before and after a question."""
_GAP = re.compile(f"(?<=[{HAN}])\\s+(?=[{HAN}])")
_CLAUSE_AT_LEAST = 6
"""Characters of a clause that a blank alone may end; shorter pieces are words spaced out."""


def to_the_point(text: str) -> str:
    """What is asked, without courtesy around it and without blanks inside its clauses."""
    return _closed(_COURTESY.sub("", text)) or text


def _closed(text: str) -> str:
    """The text without blanks between Chinese characters, but for those that stand for a comma."""
    closed = ""
    for piece in _GAP.split(text):
        before, after = (clauses_of(closed) or [""])[-1], (clauses_of(piece) or [""])[0]
        are_two = min(len(before), len(after)) >= _CLAUSE_AT_LEAST or (asks(before) and asks(after))
        closed += f" {piece}" if closed and are_two else piece
    return closed
