"""The guide described, with all that its description draws on."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rag.access import AUDIENCES
from rag.facets import Facet
from rag.fields import facet_lines
from rag.guides import Guide, Library
from rag.linked_data import Node
from rag.schema import GuideType


@dataclass(frozen=True)
class Subject:
    """The guide described, with all that its description draws on."""

    guide: Guide
    library: Library
    site: str
    topic: str
    open_guides: tuple[Guide, ...]

    @property
    def page(self) -> str:
        """Address of the guide's page."""
        return self.site + self.guide.url

    @cached_property
    def lines(self) -> dict[Facet, list[str]]:
        """Lines of the page's sections."""
        return facet_lines(self.guide, self.library)

    def id(self, part: str) -> str:
        """Identity of a part of the description."""
        return f"{self.page}#{part}"

    def home(self, part: str) -> str:
        """Identity of something that pages of one language share."""
        return f"{self.site}{self.say('/', '/en/')}#{part}"

    def say(self, zh: str, en: str) -> str:
        """One of two wordings, by language."""
        return zh if self.guide.lang == "zh" else en

    def others(self, ids: list[str], *types: GuideType) -> Iterator[Guide]:
        """Open guides of these ids in the same language, of these types if any are named."""
        for other in self.open_guides:
            if other.id in ids and other.lang == self.guide.lang and (not types or other.meta.type in types):
                yield other


def audiences(subject: Subject) -> list[Node]:
    """Whom the guide is written for."""
    return [
        {"@type": "Audience", "audienceType": subject.say(*AUDIENCES[audience])}
        for audience in subject.guide.meta.audience
    ]
