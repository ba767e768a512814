"""What names a post or a role, and what names a person: by the way such names are built."""

import re

_POST = (
    re.compile(
        r"(?:岗|员|官|处|科|室|股|局|办|办公室|中心|组|主任|主管|长|专班|编辑|审核|审校|窗口|负责人|小组|委|部|站|所|院|队|厅|团队)"
        r"(?:[（(][^（）()]*[）)])?$"
    ),
    re.compile(
        r"\b(?:editors?|reviewers?|officers?|posts?|clerks?|directors?|managers?|heads?|leads?|trainers?|desk|teams?|units?|offices?|bureau|"
        r"cent(?:re|er)|staff|supervisors?|auditors?|arbiters?|secretary|setter|administrators?|specialists?|coordinators?|section|"
        r"department|division|chiefs?|analysts?|counsel|committee)\b",
        re.IGNORECASE,
    ),
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
# A Chinese name is a surname and one or two characters; what ends like a role or an office is none.
_ROLE_END = (
    "人员岗长局办处科所院庭组会部委方者户主民位口庭司队站厅心府师生序统台器机社区镇村街号友客属众群端级校"
)
_PERSON_ZH = re.compile(
    rf"(?:[{_SURNAMES}][\u4e00-\u9fff]{{0,1}}[^\W\d_a-zA-Z{_ROLE_END}]|[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:先生|女士|同志|老师))"
)
_PARTS = re.compile(r"[,，、;；/()（）]")
_HONORIFIC = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\b\.? ?[A-Z]")
SYLLABLE = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|"
    "ue|er|a|o|e|i|u)"
)
_PERSON_EN = re.compile(rf"(?i:{SYLLABLE}) (?i:(?:{SYLLABLE}){{1,2}})")


def is_post(value: str, lang: str) -> bool:
    """Whether somebody who answers for a guide is named by post or office, in whichever language."""
    return any(post.search(value) for post in _POST) and not any(
        is_person(part.strip(), lang) for part in _PARTS.split(value)
    )


def is_person(value: str, lang: str) -> bool:
    """Whether the whole of a value reads as the name of a person."""
    if lang == "zh":
        return bool(_PERSON_ZH.fullmatch(value) or (_PERSON_EN.fullmatch(value) and value.istitle()))
    return bool(
        _HONORIFIC.search(value)
        or (_PERSON_EN.fullmatch(value) and value.istitle())
        or _PERSON_ZH.fullmatch(value)
    )
