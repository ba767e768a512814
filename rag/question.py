"""A question taken apart without a model: its parts, what each asks for, and the words that say about what.

Cue words are everyday Chinese and English, not words of any guide. What remains after cues and function
words are removed is the content: what a guide must cover to answer.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rag.facets import Facet
from rag.text import fold_wording, has_han, precise_words, stem, terms

MAX_CHARS = 500

Known = Callable[[str], bool]
"""Whether a term stands anywhere in the index."""

_CUES: tuple[tuple[Facet, str], ...] = (
    # Order matters: the first match takes its words, so the more particular cue stands first.
    (Facet.RESULT, r"有效期|管(用)?(多久|几年|多长时间)|能用(多久|几年|多长时间)|(办|拿)(下来|好)(后)?是什么|怎么领取?|在?哪里?领"
                   r"|valid(ity)?( for)?|how long (is|does) .{0,30}(valid|last)|expir\w+"),
    (Facet.PROGRESS, r"(查|看|知道|了解)(一下)?(办理|办事)?(进度|进展)|进度|进展|办到哪(一步|里|儿)?了?|到哪一步|办得怎么样|办好没有?"
                     r"|progress|track(ing)?|status of"),
    (Facet.COMPLAINT, r"投诉|complain(t|ts|ing)?"),
    (Facet.REMEDY, r"不服|行政复议|打官司|起诉|appeal|challenge the decision"),
    (Facet.FEE, r"多少钱|多少费用|要不要钱|要不要(交|花|付)(钱|费)?|(要|得|需要|用|花)(交|付|花|掏)?钱|收不收(费|钱)|收(费|钱)|费用|免费|工本费|手续费"
                r"|(交|花|掏|付)(多少)?(钱|费)|几块钱|贵不贵|啥价|how much (does|do|is|will|would|to|money)?|costs?|fees?|free of charge|for free|is (it|there|this) free"
                r"|charges?|charged|pay(ment)?( for)?"),
    (Facet.TIME_LIMIT, r"(要|需要|得|用|等|花)?(多久|多长时间|多少时间|几天|几日|多少天|多少日|多少个?工作日|几个?(工作日|小时|钟头|月|星期|礼拜)|多少(个)?(小时|分钟|月)|几分钟)"
                       r"|(什么时候|啥时候|何时|几时)(能|可以|会|才能|才|要)?|多快|时限|期限|限期|时效|办结时间"
                       r"|how long|how (many|much) (working |business )?(days?|hours?|minutes?|weeks?|months?|time)|how (soon|fast|quick(ly)?)|when (will|can|do|does|must|should)|deadlines?|time limits?"
                       r"|processing time|turnaround|by when"),
    (Facet.MATERIALS, r"(要|需要|得|用|该|应该)?(带|准备|提交|交|备)(些|一些|哪些|什么|啥|点)+(东西|证件|资料|材料|文件|手续)?|(什么|哪些|啥|多少|几份)(材料|资料|证件|文件|手续|东西)|材料|资料|证件"
                      r"|(需要|要)(什么|哪些|啥)(?!时候|条件|地方|样)|what (do|should|must|will) (i|we|you|one|they) (need to )?(bring|provide|submit|prepare|need)|what (to|should i) bring|what .{0,20}(documents?|papers?|materials?)"
                      r"|documents?|paperwork|papers|materials"),
    (Facet.APPLIES, r"(什么|哪些|啥|有何|有什么)(条件|要求|资格|人群|人|情况|情形)|条件|资格|谁(能|可以|才能|有资格)|符合(什么|哪些)?|够不够格"
                    r"|who (can|may|is|are|qualif\w+)|eligib\w+|qualif\w+|conditions?|requirements?|what cases|which cases"),
    (Facet.CHANNELS, r"(在|去|到|上|往|向|找)?(哪里|哪儿|哪个地方|什么地方|啥地方|哪个(窗口|部门|单位|科室)|什么(部门|单位)|谁)(去|里)?|(去|在|到|上)哪(?![些个种一])|(网上|线上|手机上?)(能|可以|可不可以|能不能|怎么|办)|能不能(在)?(网上|线上|手机)|渠道|途径"
                     r"|where|which (office|counter|department)|online|in person|by post|who (do|should|must) (i|we) (ask|contact|apply|go)|channels?|ways? to"),
    (Facet.CONTACT, r"(打|拨)(什么|哪个|啥|几号|多少)(电话|号码)?|(什么|哪个|多少)?(联系)?电话(是多少|多少|号码)?|号码|联系(方式|谁|哪)|几点(上班|下班|开门|关门|开始|到几点)?|上班时间|(办公|营业|开放|工作|服务)时间"
                    r"|phone( number)?|telephone|call|contact|hotline number|opening (hours|times)|what time|open on|office hours"),
    (Facet.STEPS, r"(怎么(?!样|回事)|怎样|如何|咋(?!样)|咋个|点样)(才能|才|能|可以|去|来|着手)?(办理?|申请|申领|弄|做|走|开始?|提交?|操作|搞|使用|用|写|填|报|发起|登记|注册|领)?|流程|步骤|程序|手续"
                  r"|how (do|can|to|should|would|does|may|must)|steps?|procedures?|process"),
    (Facet.LEGAL_BASIS, r"(法律|政策|法规)?依据|哪(条|部)(规定|法律|法)|legal basis|which law"),
)  # fmt: skip
_MAY = re.compile(
    r"(能|可以|可不可以|能不能|能否|可否)(够)?(办理?|申请|申领|领取?|享受|参加)|\b(can|may|am) (i|we|my|a|an|somebody|anyone)\b"
)
"""May I …? asks for conditions where nothing more particular is asked."""
_PATTERNS = tuple((facet, re.compile(pattern)) for facet, pattern in _CUES)

_FILLER_ZH = frozenset(
    [
        "请问",
        "麻烦",
        "你好",
        "您好",
        "谢谢",
        "知道",
        "了解",
        "咨询",
        "告诉",
        "帮",
        "帮忙",
        "看看",
        "介绍",
        "我们",
        "我",
        "你们",
        "你",
        "您",
        "他们",
        "他",
        "她",
        "它",
        "咱们",
        "咱",
        "俺",
        "自己",
        "人家",
        "别人",
        "大家",
        "一般",
        "通常",
        "大概",
        "到底",
        "究竟",
        "具体",
        "应该",
        "应当",
        "可以",
        "可",
        "能",
        "不能",
        "能够",
        "会",
        "不会",
        "要",
        "不要",
        "想",
        "想要",
        "需要",
        "需",
        "得",
        "必须",
        "是",
        "不是",
        "是否",
        "有",
        "没有",
        "没",
        "不",
        "叫",
        "叫做",
        "什么",
        "什么样",
        "哪些",
        "哪个",
        "哪",
        "哪种",
        "怎么",
        "怎么样",
        "怎样",
        "如何",
        "为什么",
        "为啥",
        "咋",
        "啥",
        "多少",
        "几",
        "几个",
        "谁",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "嘛",
        "哦",
        "哈",
        "么",
        "了",
        "的",
        "地",
        "着",
        "过",
        "把",
        "被",
        "给",
        "让",
        "在",
        "到",
        "去",
        "来",
        "从",
        "向",
        "对",
        "对于",
        "关于",
        "和",
        "与",
        "及",
        "或",
        "或者",
        "还是",
        "还有",
        "还",
        "以及",
        "并且",
        "并",
        "而且",
        "而",
        "但是",
        "但",
        "如果",
        "要是",
        "假如",
        "因为",
        "所以",
        "就",
        "都",
        "也",
        "又",
        "再",
        "才",
        "只",
        "很",
        "太",
        "最",
        "更",
        "比较",
        "这个",
        "那个",
        "这些",
        "那些",
        "这种",
        "那种",
        "这",
        "那",
        "此",
        "其",
        "之",
        "个",
        "次",
        "种",
        "下",
        "一下",
        "些",
        "点",
        "时候",
        "时",
        "以后",
        "后",
        "之后",
        "以前",
        "前",
        "之前",
        "中",
        "里",
        "上",
        "呗",
        "嗯",
        "请",
        "办",
        "办理",
        "弄",
        "申请",
        "申领",
        "东西",
        "事情",
        "事",
        "问题",
        "情况",
        "方面",
        "算",
        "用",
        "做",
        "当",
        "等",
        "说",
        "找",
        "另外",
        "同时",
        "然后",
        "现在",
        "今天",
        "明天",
        "怎",
        "讲",
        "问",
        "一个",
        "一",
        "问问",
        "处理",
        "进行",
        "方式",
        "可不可以",
        "能不能",
        "会不会",
        "要不要",
        "是不是",
        "有没有",
        "行不行",
        "行",
        "吧",
        "呐",
        "噻",
        "哩",
        "咯",
        "拿",
        "开",
        "交",
        "收",
        "写",
        "填",
        "报",
        "查",
        "下来",
        "出来",
        "起来",
    ]
)
_FILLER_EN = frozenset(
    ["a", "an", "the", "of", "to", "in", "on", "at", "for", "from", "with", "by", "about", "into", "over", "under", "as", "is", "are", "am", "was", "were", "be", "been", "being", "do", "does", "did", "can", "could", "may", "might", "must", "shall", "should", "will", "would", "have", "has", "had", "i", "me", "my", "mine", "we", "us", "our", "you", "your", "he", "she", "it", "its", "they", "them", "their", "this", "that", "these", "those", "there", "here", "what", "which", "who", "whom", "whose", "when", "where", "why", "how", "and", "or", "but", "if", "then", "than", "so", "not", "no", "yes", "please", "tell", "know", "want", "need", "like", "get", "got", "make", "just", "also", "any", "some", "all", "one", "after", "before", "during", "while", "up", "out", "apply", "application", "much", "many", "long", "hello", "hi", "thanks", "thank", "question", "ask", "asking"]
)  # fmt: skip
_CLAUSE = re.compile(
    r"[，,。？?；;！!、\n]+|(?<=\S)\s+(?=[\u4e00-\u9fff])|\band (?=how|what|where|when|who|is|do|does|can)|还有就是|还有|以及|另外|顺便"
)


@dataclass(frozen=True)
class Part:
    """One thing asked: the words to search with, the facet asked for (None: something particular), and the
    content terms of subject and part together."""

    query: str
    text: str
    facet: Facet | None
    content: tuple[str, ...]


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


def parts_of(text: str, words: Vocabulary, context: str = "") -> list[Part]:
    """The parts of a question.

    A clause that names no guide's subject takes the subject named before it in the question, or else the
    one of `context`, the earlier turns of the conversation.
    """
    clauses = [clause for raw in _CLAUSE.split(text[:MAX_CHARS]) if (clause := raw.strip())]
    carried = _subject(context, words)
    lead = _Subject("", ())
    found: list[Part] = []
    for clause in clauses:
        facets, content = facets_of(clause), content_terms(clause, words.known)
        if not facets and not content:
            continue
        named = any(map(words.names, content))
        if not facets:
            lead = _Subject(f"{lead.text} {clause}".strip(), (*lead.content, *content))
            continue
        before = _Subject("", ()) if named else _named(lead, words) if lead.content else carried
        query = f"{before.text} {clause}".strip()
        everything = tuple(dict.fromkeys((*before.content, *content)))
        found += [Part(query, clause, facet, everything) for facet in facets]
        if named or not carried.content:
            carried = _Subject(query, everything)
    return _merged(found) if found else _plain(text, lead, carried, words)


def _plain(text: str, lead: _Subject, carried: _Subject, words: Vocabulary) -> list[Part]:
    """A question without any facet cue is one part; alone with a carried subject it asks about that."""
    named = any(map(words.names, lead.content))
    before = carried if carried.content and not named else _Subject("", ())
    content = tuple(dict.fromkeys((*before.content, *lead.content)))
    return [Part(f"{before.text} {text}".strip(), text, None, content)] if content else []


def _subject(context: str, words: Vocabulary) -> _Subject:
    return _named(_Subject(context, content_terms(context, words.known)), words)


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
    rest, found = fold_wording(text), []
    for facet, pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            found.append((match.start(), facet))
        rest = pattern.sub(lambda m: "\u0001" * len(m[0]), rest)
    facets = list(dict.fromkeys(facet for _, facet in sorted(found, key=lambda pair: pair[0])))
    # "how do I" accompanies other cues as often as it asks for the steps.
    particular: list[Facet] = [facet for facet in facets if facet is not Facet.STEPS]
    if facets:
        return particular or facets
    return [Facet.APPLIES] if _MAY.search(fold_wording(text)) else []


def content_terms(text: str, known: Known) -> tuple[str, ...]:
    """Terms that say what a text is about: no cues, no function words, each once.

    A bigram across two words counts only if the index knows it: it may be chance, or a word that the
    dictionary lacks.
    """
    rest = fold_wording(text)
    for _, pattern in _PATTERNS:
        rest = pattern.sub(" ", rest)
    found: list[str] = []
    for run in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", rest):
        if has_han(run):
            found += _han_content(run, known)
        else:
            found += [term for term in terms(run) if term not in _FILLER_STEMS]
    return tuple(dict.fromkeys(found))


_FILLER_STEMS = frozenset(stem(word) for word in _FILLER_EN)


def _han_content(run: str, known: Known) -> list[str]:
    """Bigrams within content words, known bigrams across words, and long words."""
    found: list[str] = []
    cut = precise_words(run)
    filler = [word in _FILLER_ZH for word in cut]
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
    if not found:
        found = [word for word, empty in zip(cut, filler, strict=True) if not empty]
    return found
