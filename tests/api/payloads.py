"""Texts that try to run a script, load something or lead away when they are shown; `EVIL` is the listener."""

import random
from collections.abc import Iterator

EVIL = "http://127.0.0.1:1"
"""Stands in a text where the address of the listener goes."""
HANDWRITTEN = [
    # Markup as such.
    "<script>hit()</script>",
    f"<script src={EVIL}/s.js></script>",
    "<scr<script>ipt>hit()</scr</script>ipt>",
    "<SCRIPT\n>hit()</SCRIPT\n>",
    "<script>hit()//",
    f"<img src={EVIL}/i>",
    "<img src=x onerror=hit()>",
    '<img src="x" onerror="hit()"',
    "<img/src=x/onerror=hit()>",
    f"<img srcset='{EVIL}/s 1x'>",
    f"<image href={EVIL}/i>",
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    f"<svg><image href={EVIL}/i></svg>",
    f"<svg><use href={EVIL}/u#x></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    f"<math href={EVIL}><mi>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()>",
    f"<iframe src={EVIL}/f></iframe>",
    "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
    "<iframe src=javascript:parent.hit()></iframe>",
    f"<object data={EVIL}/o></object>",
    f"<embed src={EVIL}/e>",
    f"<video src={EVIL}/v autoplay></video>",
    f"<video poster={EVIL}/p></video>",
    "<video><source onerror=hit()></video>",
    f"<audio src={EVIL}/a autoplay onerror=hit()></audio>",
    f"<link rel=stylesheet href={EVIL}/c.css>",
    f"<link rel=prefetch href={EVIL}/p>",
    f"<link rel=dns-prefetch href={EVIL}>",
    f"<style>@import '{EVIL}/c.css';</style>",
    f"<style>*{{background:url({EVIL}/b)}}</style>",
    f"<p style='background:url({EVIL}/b)'>x</p>",
    f"<body background={EVIL}/b onload=hit()>",
    f"<table background={EVIL}/b><tr><td>x",
    f"<meta http-equiv=refresh content='0;url={EVIL}/m'>",
    f"<base href={EVIL}/>",
    f"<form action={EVIL}/f><input name=a autofocus onfocus=hit()></form>",
    f"<input type=image src={EVIL}/i>",
    "<button formaction=javascript:hit() autofocus onfocus=hit()>x</button>",
    "<details open ontoggle=hit()><summary>x</summary></details>",
    "<marquee onstart=hit()>x</marquee>",
    "<select autofocus onfocus=hit()></select>",
    "<div contenteditable onfocus=hit() autofocus>x</div>",
    "<xss style='animation-name:x' onanimationstart=hit()></xss>",
    "<a href=javascript:hit()>x</a>",
    f"<a ping={EVIL}/p href=/>x</a>",
    "<template><script>hit()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'>",
    "<textarea></textarea><img src=x onerror=hit()>",
    "</div></body></html><script>hit()</script>",
    "<!--><script>hit()</script>-->",
    "<!-- --!><img src=x onerror=hit()>",
    "<![CDATA[<script>hit()</script>]]>",
    f"<?xml version='1.0'?><?xml-stylesheet href='{EVIL}/x'?>",
    "<%<script>hit()</script>%>",
    "＜script＞hit()＜/script＞",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "&#60;img src=x onerror=hit()&#62;",
    "\x00<script>hit()</script>",
    "<scr\u200bipt>hit()</scr\u200bipt>",
    "\u202e<script>hit()</script>\u202c",
    # Markdown that makes markup.
    f"![a]({EVIL}/i)",
    f"![a][r]\n\n[r]: {EVIL}/i",
    f"![a]({EVIL}/i 'onerror=hit()')",
    f"[![a]({EVIL}/i)]({EVIL}/l)",
    f"![{'a' * 50}](<{EVIL}/i?q=a b>)",
    f"[a]({EVIL}/l)",
    f"[a][r]\n\n[r]: {EVIL}/l",
    f"[r]\n\n[r]: <{EVIL}/l> 'title'",
    f"<{EVIL}/auto>",
    "<mailto:x@evil.example>",
    f"[a](//{EVIL[7:]}/l)",
    "[a](javascript:hit())",
    "[a](JaVaScRiPt:hit())",
    "[a](java\nscript:hit())",
    "[a](javascript&colon;hit())",
    "[a](&#106;avascript:hit())",
    "[a](\x01javascript:hit())",
    "[a](vbscript:hit())",
    "[a](data:text/html,<script>hit()</script>)",
    "[a](data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==)",
    "[a](blob:null/x)",
    "[a](view-source:x)",
    "[a](file:///etc/passwd)",
    "[a](tel:1'onclick=hit())",
    '[a](/x"onmouseover="hit())',
    "[a](/x 'x\" onmouseover=\"hit()')",
    '[a](<"><img src=x onerror=hit()>>)',
    "[<img src=x onerror=hit()>](/cited/)",
    "`<img src=x onerror=hit()>`",
    "```html\n<script>hit()</script>\n```",
    '```"><script>hit()</script>\nx\n```',
    "    <script>hit()</script>",
    "> <script>hit()</script>",
    "| <img src=x onerror=hit()> |\n| --- |\n| <script>hit()</script> |",
    "# <script>hit()</script>",
    "* * *\n<svg/onload=hit()>",
    "1. <details open ontoggle=hit()>",
    # Places that look like an allowed one.
    "[a](https://known.example@127.0.0.1:1/l)",
    "[a](https://known.example.evil.example/l)",
    "[a](https://evil.example/known.example)",
    "[a](https://known.example:8443/l)",
    "[a](https://known.example/l?q=stolen)",
    "[a](https://known.example\\@evil.example/l)",
    "[a](http://known.example/l)",
    "[a](https://ⓚnown.example/l)",
    "[a](https:/\\known.example/l)",
    "[a](/cited/?q=stolen)",
    "[a](/cited/../elsewhere)",
    "[a](//cited/)",
    "[a](?q=stolen)",
    "[a](#anchor)",
]
_PIECES = [
    "<", ">", '"', "'", "`", "\\", "\n", "\n\n", " ", "/", "=", "(", ")", "[", "]", "!", "*", "_", "#", "&",
    ";", "|", "\t", "\x00", "\x0b", "\u200b", "\u202e", "\ufeff", "&#x3c;", "&lt;", "%3c", "<!--", "-->",
    "<![CDATA[", "]]>", "</p>", "</div>", "<svg>", "<math>", "<style>", "</style>", "<title>", "</title>",
    "onerror=hit()", "src=x", f"src={EVIL}/i", f"url({EVIL}/u)", "javascript:", "data:", "```", "~~~", "> ",
    "- ", "1. ", "| a |\n| - |\n", "![", "](", f"]({EVIL}/l)", f"\n[r]: {EVIL}/r\n", "[r]", "<a ", "<img ",
]  # fmt: skip


def mutations(count: int, seed: int = 20261123) -> Iterator[str]:
    """Texts bred from the handwritten ones: cut, joined, repeated, and broken by signs of either language."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(HANDWRITTEN)
        for _ in range(chance.randint(1, 5)):
            place = chance.randrange(len(text) + 1)
            match chance.randrange(5):
                case 0:
                    text = text[:place] + chance.choice(_PIECES) + text[place:]
                case 1:
                    text = text[:place] + text[place + chance.randint(1, 4) :]
                case 2:
                    text = text[:place] + chance.choice(HANDWRITTEN) + text[place:]
                case 3:
                    text = chance.choice(_PIECES) + text + chance.choice(_PIECES)
                case _:
                    text = text.swapcase() if chance.random() < 0.3 else text.replace(" ", "\n", 1)
        yield text
