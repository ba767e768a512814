"""M21–M23: no placeholders, nothing hidden or aimed at a model, nothing that only the eye can tell."""

import itertools
import re
from collections.abc import Iterator

from rag.guides import Guide
from rag.problems import Problem
from rag.rules.view import Piece, Rule, View, at, folded
from rag.text import INVISIBLE

_PLACEHOLDER = re.compile(
    r"(?i:lorem ipsum)|(?<![A-Za-z])(?:TODO|FIXME|TBD|TBC)(?![A-Za-z])|(?<![A-Za-z0-9-])[Xx]{3,}(?![A-Za-z0-9-])|[×✕]{2,}"
    r"|待(?:补充|完善|填写|补全|定稿|续写)|(?:示例|占位)(?:文字|文本|内容)|此处(?:填写|插入|省略|补充)"
    r"|\bplaceholder (?:text|copy)\b|\b(?:sample|dummy) text\b|\bto be (?:added|completed|written|filled in)\b",
)
# Said to a model rather than to a reader. Guides about prompts describe them; they do not speak this way.
_TO_MODEL = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|跳过|不要?理会|别管)[^。！？；\n]{0,6}(?:以上|上面|上述|之前|此前|前面|先前|前文|所有|一切|全部|你的)"
    r"[^。！？；\n]{0,10}(?:指令|指示|提示|规则|要求|设定|约束|限制|对话|内容|命令)"
    r"|从现在(?:开始|起)[^。\n]{0,6}你(?:是|要|只|必须|将)|你现在(?:是|扮演)[^。\n]{0,12}(?:模型|助手|人工智能|AI|ai)"
    r"|(?:输出|泄露|打印|显示|复述)[^。\n]{0,6}系统(?:提示|指令)|进入(?:开发者|越狱|无限制|调试)模式"
    r"|(?:ai|AI|大?模型|助手|机器人)[^。\n]{0,4}(?:请|必须|务必|应当|应)(?:回答|答复|输出|推荐|告诉|忽略)"
    r"|\b(?:ignore|disregard|forget|override|bypass) (?:\w+ ){0,3}(?:previous|prior|above|earlier|preceding|all|your|system)"
    r" (?:\w+ ){0,2}(?:instruction|prompt|rule|message|direction|guideline|context|text)"
    r"|\b(?:from now on|as of now),? you (?:are|will|must|only)\b|\byou are now (?:an? |the |in )"
    r"|\b(?:reveal|print|show|output|repeat) (?:\w+ ){0,2}system prompt|\b(?:developer|jailbreak|dan) mode\b"
    r"|<\|?/?(?:im_start|im_end|system|endoftext|assistant)\|?>|\[/?inst\]|<</?sys>>|^\W*(?:system|assistant) ?[:：]"
    r"|\bwhen (?:an?|the) (?:ai|llm|model|assistant) (?:reads|sees|processes) this",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"<(?:[A-Za-z][\w-]*(?:\s[^<>]*)?/?|/[A-Za-z][\w-]*\s*|!--.*|[!?][A-Za-z].*)(?:>|$)")
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)[^<>\s]+>")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_HIDDEN = re.compile(
    r"\{:?[^{}\n]*(?:\bstyle\s*=|\bhidden\b|\.(?:hidden|sr-only|visually-hidden|d-none)\b|\bclass\s*=)[^{}\n]*\}"
    r"|^\s*\[(?://|[^\]\n]{1,20})\]:\s*(?:<>|#)\s*[(\"']"
    r"|&(?:#(?:8203|8204|8205|8206|8207|8232|8233|8288|65279|x200[b-f]|x202[a-e]|x206[0-9a-f]|xfeff)|zwnj|zwj|lrm|rlm|shy|ZeroWidthSpace);",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]\ufe0f")
_IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\](?:\(|\[)")
_NO_ALT = re.compile(
    r"^\W*$|^(?:image|img|picture|screenshot|photo|图|图片|图像|截图|照片|插图)\s*\d*$", re.IGNORECASE
)
_COLOUR = "红|橙|黄|绿|蓝|紫|灰"
_COLOURS = re.compile(f"{_COLOUR}|red|orange|yellow|green|blue|gr[ae]y", re.IGNORECASE)
# Colour as the only cue: a reader who cannot see it loses the meaning.
_COLOUR_ONLY = re.compile(
    f"(?:标|涂|显示|变|填|写|画|标注|标记)(?:为|成|着|上|了)*(?:{_COLOUR})(?:色|字)?|(?:{_COLOUR})色?(?:的)?(?:表示|代表|意味|说明|就是|为(?!主))"
    f"|(?:点击?|按|选|看|找)(?:{_COLOUR})(?:色的?|色)?(?:按钮|标记|圆点|字|框)"
    r"|\b(?:in|turns?|marked|shown|highlighted) (?:in )?(?:red|orange|yellow|green|blue|grey|gray)\b(?! line| tape)"
    r"|\b(?:red|orange|yellow|green|blue|grey|gray) (?:means|stands for|indicates|shows|marks|is for)\b"
    r"|\bthe (?:red|orange|yellow|green|blue|grey|gray) (?:button|dot|mark|box|text|ones?|rows?|items?)\b",
    re.IGNORECASE,
)
_OTHER_CUE = re.compile(
    r"文字|字样|图标|标签|符号|形状|“|「|写着|标有|注明|\"|\b(?:label|icon|word|sign|symbol|shape|text)s?\b"
)


def m21_placeholders(view: View) -> Iterator[Problem]:
    """Nothing is left to be written, and no heading stands alone."""
    for guide in view.guides:
        for piece in view.pieces(guide):
            if found := _PLACEHOLDER.search(piece.text):
                yield at(guide, "M21", piece.line, f"占位文字：{found[0]}", f"placeholder: {found[0]}",
                         "写上真正的内容或删去", "write the real text or remove it")  # fmt: skip
        sections = view.blocks(guide)
        for one, after in itertools.zip_longest(sections, sections[1:]):
            if one.depth and not one.lines and not (after and after.depth > one.depth):
                yield at(guide, "M21", guide.body_line + one.first_line, f"“{one.heading}”下面没有内容",
                         f'nothing stands under "{one.heading}"', "写内容或删去标题", "write it or remove the heading")  # fmt: skip


def m22_hidden(view: View) -> Iterator[Problem]:
    """No invisible characters, no raw HTML and nothing hidden: what readers see is what is there."""
    for guide in view.guides:
        for piece, text in _outside_code(view, guide):
            if found := INVISIBLE.search(_EMOJI.sub("", piece.text)):
                yield at(guide, "M22", piece.line, f"有看不见的字符 U+{ord(found[0]):04X}",
                         f"an invisible character U+{ord(found[0]):04X}", "删去后重新输入这一处",
                         "remove it and type this place again")  # fmt: skip
            if found := _TAG.search(_AUTOLINK.sub("", text)):
                yield at(guide, "M22", piece.line, f"有 HTML：{found[0][:40]}", f"raw HTML: {found[0][:40]}",
                         "用 Markdown 写，要显示尖括号就放进反引号", "write Markdown; show angle brackets in backticks")  # fmt: skip
            if found := _HIDDEN.search(text):
                yield at(guide, "M22", piece.line, f"有隐藏文字或样式：{found[0][:40]}",
                         f"hidden text or styling: {found[0][:40]}", "删去", "remove it")  # fmt: skip


def m22_to_model(view: View) -> Iterator[Problem]:
    """No sentence tries to command a language model that reads the page."""
    for guide in view.guides:
        for piece in view.pieces(guide) if _TO_MODEL.search(view.folded(guide)) else ():
            if found := _TO_MODEL.search(folded(piece.text)):
                yield at(guide, "M22", piece.line, f"像是对模型下指令：{found[0]}",
                         f"reads like an instruction to a model: {found[0]}", "删去，或改成对读者的说明",
                         "remove it, or tell the reader instead")  # fmt: skip


def m23_seen_only(view: View) -> Iterator[Problem]:
    """Images have words in their place, and colour is never the only cue."""
    for guide in view.guides:
        for piece, text in _outside_code(view, guide):
            for image in _IMAGE.finditer(text):
                if _NO_ALT.match(image["alt"]):
                    yield at(guide, "M23", piece.line, "图片没有替代文字", "an image without alternative text",
                             "在方括号里写图上有什么", "say in the brackets what the image shows")  # fmt: skip
            if _COLOURS.search(text) and (found := _COLOUR_ONLY.search(text)) and not _OTHER_CUE.search(text):
                yield at(guide, "M23", piece.line, f"只用颜色表达意思：{found[0]}", f"colour alone tells: {found[0]}",
                         "再写出文字或符号", "add a word or a sign")  # fmt: skip


def _outside_code(view: View, guide: Guide) -> Iterator[tuple[Piece, str]]:
    """Each text and what is left of it outside code; the code itself is left empty."""
    fence = ""
    for piece in view.pieces(guide):
        mark = re.match(r"\s*(`{3,}|~{3,})", piece.text) if not piece.keys else None
        if mark and not fence:
            fence = mark[1]
            yield piece, ""
        elif fence:
            if mark and mark[1].startswith(fence) and not piece.text.strip(" `~"):
                fence = ""
            yield piece, ""
        else:
            yield piece, _CODE.sub("", piece.text)


RULES: tuple[Rule, ...] = (m21_placeholders, m22_hidden, m22_to_model, m23_seen_only)
