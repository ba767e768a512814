"""The front matter of a guide as strict values: unknown keys, levels and wrong types are errors.

Field names follow the element list of 政务服务事项实施清单 (GB/T 39554.2), CPSV-AP 3.2 and schema.org;
docs/*/trainers explains each. Requirements that depend on the type of a guide are rules in `checks`.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from rag.access import Audience, Level

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _iso_date(value: object) -> object:
    """YYYY-MM-DD, as a date or as text; a number or a time of day is no date, though pydantic would read one."""
    is_text = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
    if is_text or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise PydanticCustomError("iso_date", "write the date as YYYY-MM-DD")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
GuideId = Annotated[str, StringConstraints(pattern=r"^(off|stf|org|pub)(-[a-z0-9]+)+$")]
FactKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]*$")]
Lang = Literal["zh-Hans", "en"]


class GuideType(StrEnum):
    """One purpose a page (Diátaxis): how-to, service, reference, explanation or training."""

    HOW_TO = "how-to"
    SERVICE = "service"
    TECHNICAL = "technical"
    POLICY = "policy"
    TRAINING = "training"


class Unit(StrEnum):
    """Units of time in which limits are stated."""

    WORKING_DAY = "working-day"
    DAY = "day"
    WORKING_HOUR = "working-hour"
    HOUR = "hour"
    MINUTE = "minute"
    MONTH = "month"
    YEAR = "year"


class Strict(BaseModel):
    """Base of every part: frozen, and a key that nobody declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Contact(Strict):
    """How to reach a unit; at least one way is checked by the rules."""

    phone: Text | None = None
    hours: Text | None = None
    address: Text | None = None
    url: Text | None = None


class Remedy(Strict):
    """Administrative review and court action against a decision."""

    review_body: Text
    days: int
    court: Text
    months: int


class LegalBasis(Strict):
    """A legal text that the guide rests on, and when somebody last looked at it."""

    name: Text
    doc_no: Text | None = None
    article: Text | None = None
    effective: IsoDate | None = None
    status: Literal["in-force", "amended", "repealed", "local-demo"]
    verified_on: IsoDate | None = None
    quote: Text | None = None


class AppliesTo(Strict):
    """For whom, where and when the guide holds, in short sentences."""

    who: list[Text] = Field(min_length=1)
    where: list[Text] = Field(default_factory=list)
    when: Text | None = None


class NotFor(Strict):
    """A case that the guide does not cover and where it goes instead."""

    case: Text
    go_to: Text


class Material(Strict):
    """One document the applicant brings, or need not bring because offices share it."""

    name: Text
    source: Literal["own", "agency-issued", "shared-no-need"]
    form: Literal["paper", "electronic", "check-original"]
    copies: int = Field(ge=0)
    need: Literal["must", "may-follow", "if-case"]
    case: Text | None = None
    template: Text | None = None


class Step(Strict):
    """One step: who does what where."""

    n: int = Field(ge=1)
    actor: Text
    action: Text
    where: Text
    result: Text | None = None
    limit: Text | None = None


class Duration(Strict):
    """A number of time units."""

    n: int = Field(ge=0)
    unit: Unit


class StatutoryLimit(Duration):
    """A limit set by law, with the article that sets it."""

    basis: Text


class TimeLimit(Strict):
    """How long the office may take: by law, as promised, counted from when and without what."""

    statutory: StatutoryLimit | Literal["none"]
    promised: Duration
    starts: Text
    excludes: list[Text] = Field(default_factory=list)


class Deadline(Strict):
    """A named limit in a guide that is not a service."""

    name: Text
    n: int = Field(ge=0)
    unit: Unit


class FeeItem(Strict):
    """One charge: an amount or the rule that gives it, and its legal basis."""

    name: Text
    amount: Text | int | float | None = None
    rule: Text | None = None
    basis: Text | None = None


class Fee(Strict):
    """Whether the service costs money."""

    charged: bool
    items: list[FeeItem] = Field(default_factory=list)
    pay_online: bool


class Channel(Strict):
    """One way to reach the service."""

    kind: Literal["web", "phone", "counter", "self-service", "post", "proxy", "home-visit", "api"]
    place: Text | None = None
    hours: Text | None = None
    url: Text | None = None
    online_depth: Text | None = None
    accessibility: Text | None = None


class Result(Strict):
    """What the applicant receives."""

    name: Text
    kind: Text
    delivery: Text
    validity: Text
    sample: Text | None = None


class Faq(Strict):
    """A question in people's own words and its short answer."""

    q: Text
    a: Text


class AnswerFact(Strict):
    """A number or condition that the assistant may state, as a verbatim quote of the page.

    A key that begins with the name of a facet (`time_limit.special`) ties the fact to that facet.
    """

    key: FactKey
    value: str | int | float | bool
    unit: Text | None = None
    quote: Text


class Translation(Strict):
    """The same guide in another language."""

    path: Text
    source_version: int = Field(ge=1)


class QuizItem(Strict):
    """A question of a training guide, tied to the section that answers it."""

    q: Text
    options: list[Text] = Field(min_length=2)
    answer: int = Field(ge=0)
    explanation: Text | None = None
    source: Text | None = None

    @model_validator(mode="after")
    def _answer_is_an_option(self) -> Self:
        if self.answer >= len(self.options):
            raise ValueError(f"answer {self.answer} is none of the options 0 to {len(self.options) - 1}")
        return self


class Training(Strict):
    """The learning side of a training guide."""

    framework: Text
    competences: list[Text] = Field(min_length=1)
    level: Text | int
    minutes: int = Field(ge=1)
    quiz: list[QuizItem] = Field(default_factory=list)


class FrontMatter(Strict):
    """Everything that stands between the two --- lines of a guide."""

    id: GuideId
    lang: Lang
    title: Text
    aliases: list[Text] = Field(default_factory=list)
    summary: Text
    type: GuideType
    item_code: Text | None = None
    audience: list[Audience] = Field(min_length=1)
    level: Level
    readers: list[Text] = Field(default_factory=list)
    share_type: Literal["unconditional", "conditional", "not-shared"] | None = None
    personal_data: Literal["none", "ordinary", "sensitive"] | None = None
    topic: Text
    owner_unit: Text
    co_units: list[Text] = Field(default_factory=list)
    maintainer: Text
    reviewer: Text
    level_setter: Text | None = None
    contact: Contact
    complaint: Contact | None = None
    remedy: Remedy | None = None
    legal_basis: list[LegalBasis] = Field(default_factory=list)
    applies_to: AppliesTo | None = None
    not_for: list[NotFor] = Field(default_factory=list)
    prerequisites: list[Text] | None = None
    materials: list[Material] = Field(default_factory=list)
    steps: list[Step] = Field(default_factory=list)
    handling_type: Literal["instant", "committed"] | None = None
    time_limit: TimeLimit | None = None
    deadlines: list[Deadline] = Field(default_factory=list)
    fee: Fee | None = None
    visits: int | None = Field(default=None, ge=0)
    visit_reason: Text | None = None
    channels: list[Channel] = Field(default_factory=list)
    result: Result | None = None
    progress_query: Text | None = None
    faq: list[Faq] = Field(default_factory=list)
    answer_facts: list[AnswerFact] = Field(default_factory=list)
    ai_use: Literal["answer", "quote-only", "excluded"]
    status: Literal["draft", "in-review", "published", "withdrawn", "archived"]
    version: int = Field(ge=1)
    change_note: Text | None = None
    valid_from: IsoDate
    valid_to: IsoDate | None = None
    reviewed_on: IsoDate
    review_by: IsoDate
    translations: dict[Lang, Translation]
    related: list[GuideId] = Field(default_factory=list)
    supersedes: list[GuideId] = Field(default_factory=list)
    part_of: list[GuideId] = Field(default_factory=list)
    serves: list[Annotated[str, StringConstraints(pattern=r"^S([1-9]|1[0-6])$")]] = Field(min_length=1)
    training: Training | None = None
    demo: bool


REQUIRED_BY_TYPE: dict[GuideType, tuple[str, ...]] = {
    GuideType.SERVICE: (
        "aliases",
        "item_code",
        "personal_data",
        "complaint",
        "legal_basis",
        "applies_to",
        "materials",
        "steps",
        "handling_type",
        "time_limit",
        "fee",
        "visits",
        "channels",
        "result",
        "progress_query",
        "faq",
    ),
    GuideType.HOW_TO: ("aliases", "personal_data", "applies_to", "prerequisites", "steps"),
    GuideType.TECHNICAL: ("prerequisites",),
    GuideType.POLICY: ("legal_basis",),
    GuideType.TRAINING: ("prerequisites", "training"),
}
