"""Where somebody lives: addresses down to a house or a flat, in Chinese and English.

The address of an office stays, since it is often what a question is about.
"""

import re
from collections.abc import Iterator

from rag.shadow import SPOKEN

_HAN = "\u3400-\u9fff"
_DIGIT = f"[\\d{SPOKEN}]"
_NUMBER = rf"(?:[甲乙丙丁]?\d{{1,5}}[甲乙丙丁A-Za-z]?|[A-Za-z]\d{{0,4}}|[{SPOKEN}十百拾佰]{{1,6}})"
_FLAT = "号楼|號樓|栋|棟|幢|单元|單元|室|房"
_PART = rf"第?(?:{_NUMBER}[\-之])?{_NUMBER}\s?(?:{_FLAT}|号院|號院|号|號|弄|座|户|戶|院|组|組|排|门|門|层|層|楼|樓)"
_ROOM = rf"(?:{_DIGIT}{{1,3}}[\-－])?{_DIGIT}{{2,4}}[A-Za-z]?(?!{_DIGIT}|\s?[年月日元天%])"
_PARTS = re.compile(rf"{_PART}(?:[\s,，、\-之]{{0,2}}{_PART}){{0,6}}(?:[\s,，\-之]{{0,2}}(?P<room>{_ROOM}))?")
_STROKES = re.compile(
    rf"{_DIGIT}{{1,3}}[A-Za-z]?(?:[\-－—–]{_DIGIT}{{1,3}}){{0,2}}[\-－—–]{_DIGIT}{{3,4}}"
    rf"(?!{_DIGIT}|[\-－—–]|\s?[户戶人元天平米个個名岁歲年月])"
)
_UNIT = re.compile("[号號栋棟幢弄座院室房户戶元组組排门門层層楼樓\\-－—–]")
_ONE_PART = re.compile(_PART)
_OF_FLAT = re.compile(_FLAT)
_A_ROOM = re.compile(rf"{_DIGIT}{{3,5}}[A-Za-z]?\s?[室房]$")
_LAYOUT = re.compile(rf"\s?(?:{_DIGIT}[厅廳卫衛]|楼|樓)")
_OF_BUILDING = re.compile("号楼|號樓|栋|棟|幢|单元|單元")

_ROAD = "路|街|巷|弄|胡同|衚衕|大道|道|路口|交叉口|村|小区|小區|花园|花園|公寓|家园|家園|苑|屯|庄|莊|寨|组|組|队|隊"
_ESTATE = f"{_ROAD}|里|社区|社區|湾|灣|坊|城|府|园|園|庭|阁|閣|轩|軒|大厦|大廈|院|宿舍|郡|墅|邸|居|期|区|區|镇|鎮|乡|鄉|段"
_SECTION = "[东西南北東中]?[一二三四五]?[段区區期里]?"
_AFTER_ROAD = re.compile(rf"[{_HAN}](?:{_ROAD}){_SECTION}$")
_AFTER_ESTATE = re.compile(rf"[{_HAN}](?:{_ESTATE}){_SECTION}$")
_PLACE = re.compile("[省市区區县縣镇鎮乡鄉旗州]")
_LIVES = re.compile("(?:住|家[在里裡是]|户籍|戶籍|户口|戶口|老宅|房子|收件|寄|租|搬)[^，。；！？,;!?\\n]*$")
_OFFICE = (
    "中心|大厅|大廳|政府|委员会|委員會|派出所|法院|检察院|檢察院|医院|醫院|学校|學校|大学|大學|银行|銀行|窗口|办事处|辦事處"
    "|服务站|服務站|车站|車站|办公室|辦公室|单位|單位|公司|机关|機關|局|馆|館|所|厅|廳"
)
_OFFICE_THERE = re.compile(rf"(?:{_OFFICE}|楼|樓|行政|政务|政務)$")
_OFFICE_BEFORE = re.compile(rf"(?:{_OFFICE})(?:的|地址|在|位于|位於|是|[\s:：(（]){{0,4}}[{_HAN}]{{0,8}}$")
_OFFICE_AFTER = re.compile(rf"\s?[的之(（]?(?:(?![怎要想能办辦去到哪在找问問])[{_HAN}]){{0,8}}?(?:{_OFFICE})")
_NO_HOUSE = re.compile(r"\s?(?:文|令|公告|窗|门|門|线|線|通知|机|機|会议|會議|议案|工作|台)")
_NO_NAME = re.compile(
    "户籍|戶籍|户口|戶口|[住址在是为為到从從于於的我他她您你寄送搬租问問请請办辦证證费費吗嗎呢么麼了要能和与與及去往叫想说說找查给給把房门口]"
    rf"|[^{_HAN}]"
)
_BEFORE = 26
_LONGEST_BARE_NAME = 4

_EN_ROAD = r"(?:road|rd|street|st|avenue|ave|lane|ln|alley|drive|boulevard|blvd|village|gardens?|estate|court|mansions?|lu|jie|dajie|xiang|hutong|dadao)\b\.?"
_EN_ROOM = (
    r"(?:(?:room|rm|flat|apt|apartment|unit|suite|house|building|bldg|block|door|tower|floor|lane|no|number)\b\.?\s?#?\s?(?:no\.?\s?)?"
    r"\d{1,5}[A-Za-z]?\b|\d{1,3}/F\b|#\d{1,5}[A-Za-z]?(?:-\d{1,4})?\b)"
)
_EN_HOUSE = rf"(?:\d{{1,5}}[A-Za-z]?,?\s(?:[A-Za-z']{{2,20}}\s){{1,3}}{_EN_ROAD})"
_EN_NAME = rf"(?:[A-Za-z']{{2,20}}\s){{1,3}}{_EN_ROAD}"
_EN_PARTS = re.compile(
    rf"(?:{_EN_ROOM}|{_EN_HOUSE})(?:[\s,，]{{1,3}}(?:{_EN_ROOM}|{_EN_HOUSE}|{_EN_NAME})){{0,5}}",
    re.IGNORECASE,
)
_EN_ANY = re.compile(rf"\b{_EN_ROAD}|\b(?:room|rm|flat|apt|apartment|building|bldg)\b", re.IGNORECASE)
_EN_HOME = re.compile(r"\b(?:room|rm|flat|apt|apartment|house|unit)\b|#", re.IGNORECASE)
_EN_ONE_ROOM = re.compile(_EN_ROOM, re.IGNORECASE)
_EN_ONE_ROAD = re.compile(rf"\s{_EN_ROAD}", re.IGNORECASE)
_EN_NAMED = re.compile(rf"\d[A-Za-z]?,?\s(?:[A-Z][a-z']{{1,20}}\s){{1,3}}(?i:{_EN_ROAD})")
_EN_OFFICE = re.compile(
    r"\b(?:office|cent(?:re|er)|bureau|hall|station|court|school|hospital|bank|window|government|committee)\b",
    re.IGNORECASE,
)
_EN_LIVES = re.compile(
    r"\b(?:lives?|living|home|address|resid(?:e|es|ed|ing)|rent|renting)\b[\s:,]{0,3}(?:is |in |at |on )?(?:no\.? ?)?$",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses of homes stand in a text, in order."""
    last = 0
    for begin, end in sorted([*_chinese(text), *_english(text)]):
        if begin >= last:
            yield begin, end
            last = end


def _chinese(text: str) -> Iterator[tuple[int, int]]:
    """Numbers of house and flat, with the names of places right before them."""
    last = 0
    runs = [*_PARTS.finditer(text), *_STROKES.finditer(text)] if _UNIT.search(text) else []
    for run in sorted(runs, key=re.Match.start):
        if run.start() < last:
            continue
        start = max(last, run.start() - _BEFORE)
        head = text[start : run.start()].rstrip()
        is_home = _is_flat(head, run) if run.re is _PARTS else bool(_AFTER_ESTATE.search(head))
        if is_home or _is_house(text, head, run):
            yield start + len(head) - len(_name(head)), run.end()
            last = run.end()


def _is_flat(head: str, run: re.Match[str]) -> bool:
    """Whether parts of a building say where somebody lives: in an estate, or several of them in no office."""
    several = len(_ONE_PART.findall(run[0])) + bool(run["room"]) > 1
    if not _OF_FLAT.search(run[0]) or (_LAYOUT.match(run.string, run.end()) and not several):
        return False
    if _AFTER_ESTATE.search(head) and (several or _A_ROOM.search(run[0])):
        return True
    is_other = _OFFICE_THERE.search(head) or _NO_HOUSE.match(run.string, run.end())
    return bool((several and _OF_BUILDING.search(run[0])) or _LIVES.search(head)) and not is_other


def _is_house(text: str, head: str, run: re.Match[str]) -> bool:
    """Whether a number in a street or village is a home: people live there, or no office is named."""
    if run.re is not _PARTS or not _AFTER_ROAD.search(head) or head.endswith("街道"):
        return False
    if _LIVES.search(head):
        return True
    is_other = _NO_HOUSE.match(text, run.end()) or _OFFICE_AFTER.match(text, run.end())
    return not (is_other or _OFFICE_BEFORE.search(head))


def _name(head: str) -> str:
    """Names of places that end a text: back to a word that is none, or four characters of a bare name."""
    name = head[max((found.end() for found in _NO_NAME.finditer(head)), default=0) :]
    road = re.search(rf"(?:{_ESTATE}){_SECTION}$", name)
    if not road:
        return ""
    is_full = _PLACE.search(name, 0, road.start())
    return name if is_full else name[max(0, road.start() - _LONGEST_BARE_NAME) :]


def _english(text: str) -> Iterator[tuple[int, int]]:
    for run in _EN_PARTS.finditer(text) if _EN_ANY.search(text) else ():
        road = _EN_ONE_ROAD.search(run[0])
        if _EN_HOME.search(run[0]) and (road or len(_EN_ONE_ROOM.findall(run[0])) > 1):
            yield run.span()
        elif road:
            before, after = text[max(0, run.start() - 24) : run.start()], text[run.end() : run.end() + 40]
            of_office = _EN_OFFICE.search(before) or _EN_OFFICE.search(after)
            if _EN_LIVES.search(before) or (_EN_NAMED.search(run[0]) and not of_office):
                yield run.span()
