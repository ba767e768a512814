"""A question taken apart without a model: its parts, what each asks for, and the words that say about what.

Cue words are everyday Chinese and English, not words of any guide. What remains after cues and function
words are removed is the content: what a guide must cover to answer.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import yaml

from rag.facets import Facet
from rag.settings import ROOT
from rag.text import has_han, plain, precise_words, stem, terms

MAX_CHARS = 500
STOPWORDS = ROOT / "rag" / "stopwords.yml"

Known = Callable[[str], bool]
"""Whether a term stands anywhere in the index."""

_CUES: tuple[tuple[Facet, str], ...] = (
    # Order matters: the first match takes its words, so the more particular cue stands first.
    (Facet.RESULT, r"有效期|管(用)?(多久|几年|几个月|多长时间)|能用(多久|几年|多长时间)|多久(过期|失效)|(办|拿)(下来|好)(后)?是什么|怎么领取?|在?哪里?领"
                   r"|valid(ity)?( for)?|good for|how long (is|does) .{0,40}(valid|last)|expir\w+"),
    (Facet.PROGRESS, r"(查|看|知道|了解)(一下)?(办理|办事)?(进度|进展)|进度|进展|(办|查|走|处理)到了?(哪|那)(一步|里|儿)?了?|到(了)?(哪|那)一步|办得怎么样|办好没有?"
                     r"|progress|track(ing)?|status of|what (is )?happening to"),
    (Facet.COMPLAINT, r"投诉|complain(t|ts|ing)?"),
    (Facet.REMEDY, r"不服|行政复议|行政诉讼|appeal|challenge the decision|\bsue\b|go to court"),
    (Facet.FEE, r"多少钱|什么钱|多少费用|要不要钱|(要不要|用不用|需不需要|要|得|需要|用|花不花|收不收|交不交|花|收|交|付|掏)(交|付|花|掏|收)?(什么|多少|一些|点)?(钱|费)|费用|免费|白办|工本费|手续费"
                r"|几块钱|贵不贵|啥价|钱(要|先)交|how much (does|do|is|will|would|to|money)?|costs?|fees?|free of charge|for free|is (it|there|this) free"
                r"|charges?|charged|pay(ment)?( for| to)?"),
    (Facet.HOURS, r"几点(钟)?(上班|下班|开门|关门|开始|到几点|开)?|上班时间|(办公|营业|开放|服务|办理)时间|(上班|开门|开放|办公|营业)(?=.{0,2}(吗|没|不|么))|有人(没|吗|在)"
                  r"|(opening|office) (hours|times)|what time|\bopen(?= on| at| in| during|\?|$)"),
    (Facet.TIME_LIMIT, r"(要|需要|得|用|等|花)?(多久|多长时间|多少时间|(?<![好这那前头过])几(天|日)|多少天|多少日|多少个?工作日|几个?(工作日|小时|月|星期|礼拜)|多少(个)?(小时|分钟|月)|几分钟)"
                       r"|(什么时候|啥时候|何时|几时)(能|可以|会|才能|才|要)?|多快|时限|期限|限期|时效|办结时间|哪个时间段"
                       r"|when (will|is|are) (it|this|that|everything) (be )?(ready|done|finished)|how long|how (many|much) (more |working |business )?(days?|hours?|minutes?|weeks?|months?|time)|how (soon|fast|quick(ly)?|often)|when (is|are|will|can|do|does|must|should)|deadlines?|time limits?"
                       r"|processing time|turnaround|by when"),
    (Facet.MATERIALS, r"(要|用|需要|得|该|用不用|要不要)带|(要|需要|得|用|该|应该)?(带|准备|提交|交|备|拿)(些|一些|哪些|哪几样|什么|啥|点)+(东西|证件|资料|材料|文档|文件|手续)?|(什么|哪些|哪几样|哪几份|啥|多少|几份)(材料|资料|证件|文档|文件|手续|东西)|(材料|资料|证件)(清单|有哪些|是哪些|要求)"
                      r"|(需要|要)(什么|哪些|啥|哪几样)(?!时候|条件|地方|样)(材料|资料|证件|文档|文件|手续|东西)?|what (do|should|must|will) (i|we|you|one|they) (need to |have to )?(bring|provide|submit|prepare|need)|what (to|should i) bring|(what|which) .{0,20}(documents?|papers?|paperwork|materials?)|paperwork|documents? (do|are|needed|required)"),
    (Facet.APPLIES, r"(什么|哪些|啥|有何|有什么)(条件|要求|资格|人群|人|情况|情形)|条件|资格|谁(能|可以|才能|有资格)|符合(什么|哪些)?|够不够格"
                    r"|who (can|may|is|are|qualif\w+)|eligib\w+|qualif\w+|conditions?|requirements?|what cases|which cases"),
    (Facet.CHANNELS, r"(在|去|到|上|往|向|找)?(哪里|哪儿|哪个地方|什么地方|啥地方|哪个(窗口|部门|单位|科室)|什么(部门|单位))(去|里)?|(去|在|到|上)(哪|那里|那儿)(?![些个种一])|(找|向|跟|问|归)谁|(网上|线上|手机上?)(能|可以|可不可以|能不能|怎么|办)|能不能(在)?(网上|线上|手机)|渠道|途径|哪几条路"
                     r"|where|which (office|counter|department)|online|in person|by post|who (do|should|must) (i|we) (ask|contact|apply|go)|channels?|ways? to"),
    (Facet.CONTACT, r"(打|拨)(什么|哪个|啥|几号|多少)(电话|号码)?|往?哪个号|(什么|哪个|多少)?(联系)?电话(是多少|多少|号码)|(什么|哪个|多少)(联系)?电话|号码(是)?多少|联系(方式|谁|哪)"
                    r"|(what|which) (phone )?number|phone number|telephone|hotline number"),
    (Facet.STEPS, r"(怎么(?!样|回事)|怎样|如何|咋(?!样)|咋个|点样)(才能|才|能|可以|去|来|着手)?(办理?|申请|申领|弄|做|走|开始?|提交?|操作|搞|使用|用|写|填|报|发起|登记|注册|领)?|流程|步骤|程序|手续"
                  r"|how (do|can|to|should|would|does|may|must)|steps?|procedures?|process"),
    (Facet.LEGAL_BASIS, r"(法律|政策|法规)?依据|(哪|什么)(一)?(条|部|个)(规定|法律|法规|法)|legal basis|which law"),
)  # fmt: skip
_MAY = re.compile(
    r"(能|可以|可不可以|能不能|能否|可否)(够)?(办理?|申请|申领|领取?|享受|参加)|\b(can|may|am) (i|we|my|a|an|somebody|anyone)\b"
)
"""May I …? asks for conditions where nothing more particular is asked."""
_ASKS = re.compile(
    r"吗|呢|啥|咋|多久|多长|多大|是否|能否|[?？]|不(?!$)行不行|行不|能不能|可不可以|会不会|有没有|要不要|是不是|算不算|用不用|还(能|要|会)|多少|几|哪|谁|什么|怎|能.{0,12}不$"
    r"|^(does|do|is|are|can|could|may|must|will|would|should|what|which|who|how|when|where|why)\b"
)
"""A clause that asks, though no facet names what."""
_TELLS = re.compile(r"我|咱|俺|他|她|说|想|了|^(i|we|my|our|he|she|they|somebody|someone)\b")
"""A clause that tells of somebody or of what has happened."""
_ASKS_AT_END = re.compile(r"(吗|么|多少\S{0,3}|几\S{0,3}|什么|啥|哪些)$")
"""A first clause that is a question of its own, not the story before one."""
_PATTERNS = tuple((facet, re.compile(pattern)) for facet, pattern in _CUES)


@cache
def _filler() -> tuple[frozenset[str], frozenset[str]]:
    """Words that carry no content: Chinese words, and stems of English ones (stopwords.yml)."""
    listed: dict[str, str] = yaml.safe_load(STOPWORDS.read_text(encoding="utf-8"))
    return frozenset(listed["zh"].split()), frozenset(map(stem, listed["en"].split()))


_AND_THAT = re.compile(r"呢[?？。]*$|^(那|换成|如果是|and|what about|how about)\b")
_CLAUSE = re.compile(
    r"[，,。？?；;！!、\n]+|(?<=\S)\s+(?=[\u4e00-\u9fff])|\band (?=how|wh(?:at|ere|en|o|ich|y)|is|are|do|does|can|could|may|must|should|will)|还有就是|还有|以及|另外|顺便"
)


@dataclass(frozen=True)
class Part:
    """One thing asked: the words to search with, the facet asked for (None: something particular), and the
    content terms of subject and part together. `talk`: earlier turns that it goes on with. `own`: content terms
    of the part alone where a part before it asks of the same subject."""

    query: str
    text: str
    facet: Facet | None
    content: tuple[str, ...]
    talk: str = ""
    own: tuple[str, ...] = ()

    @property
    def searched(self) -> str:
        """The words to search with: earlier turns hold more of what is meant than their subject alone."""
        return f"{self.query} {self.talk}"[:MAX_CHARS] if self.talk else self.query


@dataclass(frozen=True)
class Talk:
    """What earlier turns carry over: the question that tells the subject, one that lacked a subject and was not
    answered, all that is searched with, and whether content terms go on about what was talked of."""

    subject: str = ""
    pending: str = ""
    said: str = ""
    goes_on: Callable[[Sequence[str]], bool] = bool


NO_TALK = Talk()


@dataclass(frozen=True)
class Vocabulary:
    """What the index knows: terms of any guide, and terms that name one (title and aliases)."""

    known: Known
    names: Known


@dataclass(frozen=True)
class _Subject:
    """What the talk is about so far, as words and as terms."""

    text: str
    content: tuple[str, ...]


_NOTHING = _Subject("", ())


def clauses_of(text: str) -> list[str]:
    """Clauses of a text, cut at punctuation and at words that begin another question."""
    return [clause for raw in _CLAUSE.split(text[:MAX_CHARS]) if (clause := raw.strip())]


def asks(clause: str) -> bool:
    """Whether a clause asks something, as far as its words tell."""
    return bool(_ASKS.search(plain(clause)))


def _tells(clause: str) -> bool:
    return not asks(clause) and _TELLS.search(plain(clause)) is not None


def parts_of(text: str, words: Vocabulary, talk: Talk = NO_TALK) -> list[Part]:
    """The parts of a question.

    A clause that names no guide's subject takes the subject named before it in the question, or else the one of
    the conversation. A bare subject is asked what the question before it asked of nothing.
    """
    parts = _parts(text, words, talk)
    if talk.pending and len(parts) == 1 and parts[0].facet is None and not asks(text):
        query = f"{parts[0].query} {talk.pending}"
        parts = [replace(parts[0], query=query, facet=facet) for facet in facets_of(talk.pending)]
    return parts


def _parts(text: str, words: Vocabulary, talk: Talk) -> list[Part]:
    clauses = clauses_of(text)
    carried, said = _subject(talk.subject, words), talk.said
    lead = _NOTHING
    found: list[Part] = []
    for n, clause in enumerate(clauses):
        facets, content = facets_of(clause), content_terms(clause, words.known)
        if _tells(clause) and any(map(asks, clauses[n + 1 :])):
            facets = []  # "I do not accept it" tells what the question after it is about.
        if not facets and not content:
            continue
        named = any(map(words.names, content))
        if said and named and not talk.goes_on(content):
            carried, said = _NOTHING, ""  # Another matter: the talk before it no longer counts.
        is_asked = asks(clause) if found else named and _is_question(clause, "" if lead.content else text)
        if not facets and not (is_asked and len(clauses) > 1):
            lead = _joined(lead, _Subject(clause, content))
            continue
        if said and lead.content and not talk.goes_on(lead.content):
            carried, said = _NOTHING, ""
        before = _joined(carried if said or not lead.content else _NOTHING, _named(lead, words))
        before = before if said or not named else _NOTHING
        subject = _joined(before, _Subject(clause, content))
        wanted: list[Facet | None] = [*facets] or [None]
        own = content if found and before.content else ()
        found += [Part(subject.text, clause, facet, subject.content, said, own) for facet in wanted]
        if named or not carried.content:
            carried = _named(replace(subject, text=without_cues(subject.text)), words)
    if found or not (carried.content or lead.content):
        return _merged(found)
    # Without any facet cue it is one part; "And the other one?" asks of it what was asked before.
    and_that = _AND_THAT.search(plain(text)) is not None
    again = facets_of(talk.subject) if and_that else []
    other = and_that and not again and any(map(words.names, lead.content))
    whole = _joined(_NOTHING if other else carried, replace(lead, text=text))
    said = "" if and_that else said
    facets_again: list[Facet | None] = [*again] or [None]
    return [Part(whole.text, text, facet, whole.content, said) for facet in facets_again]


def _is_question(clause: str, text: str) -> bool:
    """Whether a first clause is a question of its own: by its last words, or by the mark that follows it."""
    if _ASKS_AT_END.search(plain(clause)):
        return True
    return asks(clause) and re.search(re.escape(clause) + r"\s*[?？]", text) is not None


def _joined(first: _Subject, second: _Subject) -> _Subject:
    """Two subjects as one, each term once."""
    content = tuple(dict.fromkeys((*first.content, *second.content)))
    return _Subject(f"{first.text} {second.text}".strip(), content)


def _subject(context: str, words: Vocabulary) -> _Subject:
    return _named(_Subject(without_cues(context), content_terms(context, words.known)), words)


def _named(subject: _Subject, words: Vocabulary) -> _Subject:
    """A subject cut down to the terms that name some guide, if there are any: stories hold much else."""
    naming = tuple(term for term in subject.content if words.names(term))
    return _Subject(subject.text, naming or subject.content)


def _merged(parts: list[Part]) -> list[Part]:
    """Parts that ask the same facet of the same content once."""
    unique: dict[tuple[Facet | None, tuple[str, ...]], Part] = {}
    for part in parts:
        unique.setdefault((part.facet, part.content), part)
    return list(unique.values())


def facets_of(text: str) -> list[Facet]:
    """Facets a clause asks for, in the order in which its words name them."""
    rest, found = plain(text), []
    for facet, pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            found.append((match.start(), facet))
        rest = pattern.sub(lambda m: "\u0001" * len(m[0]), rest)
    facets = list(dict.fromkeys(facet for _, facet in sorted(found, key=lambda pair: pair[0])))
    # "how do I" accompanies other cues as often as it asks for the steps.
    particular: list[Facet] = [facet for facet in facets if facet is not Facet.STEPS]
    if facets:
        return particular or facets
    return [Facet.APPLIES] if _MAY.search(plain(text)) else []


def without_cues(text: str) -> str:
    """What a text is about: its plain words without those that ask for a facet."""
    rest = plain(text)
    for _, pattern in _PATTERNS:
        rest = pattern.sub(" ", rest)
    return " ".join(rest.split())


def content_terms(text: str, known: Known) -> tuple[str, ...]:
    """Terms that say what a text is about: no cues, no function words, each once.

    A bigram across two words counts only if the index knows it: it may be chance, or a word that the
    dictionary lacks.
    """
    rest = without_cues(text)
    found: list[str] = []
    for run in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", rest):
        if has_han(run):
            found += _han_content(run, known)
        else:
            found += [term for term in terms(run) if len(term) > 1 and term not in _filler()[1]]
    return tuple(dict.fromkeys(found))


def _han_content(run: str, known: Known) -> list[str]:
    """Bigrams within content words, known bigrams across words, and long words."""
    found: list[str] = []
    cut = precise_words(run)
    filler = [word in _filler()[0] for word in cut]
    for i, word in enumerate(cut):
        content_pair = i and not filler[i - 1] and not filler[i]
        # 协|办: two single characters may be a word that the dictionary lacks, even if one is filler alone.
        single_pair = i and len(cut[i - 1]) == len(word) == 1 and not (filler[i - 1] and filler[i])
        if content_pair or single_pair:
            across = cut[i - 1][-1] + word[0]
            found += [across] if known(across) else []
        if not filler[i]:
            found += [word[j : j + 2] for j in range(len(word) - 1)]
            found += [word] if len(word) > 2 and known(word) else []
    single = [word for word, empty in zip(cut, filler, strict=True) if not empty and len(word) == 1]
    return found + ([word for word in single if known(word)] if found else single)
