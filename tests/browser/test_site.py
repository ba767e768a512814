"""The built site in a real browser, on loopback, under a strict content security policy."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from rag.access import circles
from rag.guides import read_library
from rag.settings import ROOT
from rag.site import build_site, write_tree
from tests.browser.conftest import serving

PHONE, DESKTOP = (390, 844), (1280, 900)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the widest site of the library guides, in a subfolder as on a static host."""
    library, problems = read_library(ROOT / "tests" / "guides" / "library")
    assert problems == []
    folder = tmp_path_factory.mktemp("browser")
    for lang, target in (("zh", "host/guides"), ("en", "host/guides/en")):
        write_tree(library, circles(library.restricted())[-1], lang, folder / lang)
        build_site(folder / lang, lang, folder / target)
    with serving(folder / "host") as address:
        yield f"{address}/guides"


@contextmanager
def _page(
    browser: Browser,
    site: str,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "light",
    scripts: bool = True,
    policy: bool = True,
) -> Iterator[Page]:
    """A fresh page that fails on script errors, policy violations, missing files and foreign requests."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        bypass_csp=not policy,
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    context.on("request", lambda request: None if request.url.startswith(site) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


FOUND = [
    ("", "续借", "pub-borrow-books"),
    ("", "图书遗失", "pub-lost-book"),
    ("", "书丢了怎么赔", "pub-lost-book"),
    ("", "圖書遺失和損壞", "pub-lost-book"),
    ("", "研討間", "pub-study-room"),
    ("", "續借和還書", "pub-borrow-books"),
    ("", "０.３元 逾期", "pub-borrow-books"),
    ("en/", "lost books", "pub-lost-book"),
    ("en/", "How do I renew a loan?", "pub-borrow-books"),
    ("en/", "Booking rooms", "pub-study-room"),
]


@pytest.mark.parametrize(("folder", "query", "guide"), FOUND)
def test_search_finds_words_phrases_traditional_and_english(
    browser: Browser, site: str, folder: str, query: str, guide: str
) -> None:
    """The guide that is meant stands first, with its matches marked, and the count is announced."""
    with _page(browser, site) as page:
        page.goto(f"{site}/{folder}")
        page.get_by_role("banner").get_by_role("searchbox").fill(query)
        page.keyboard.press("Enter")
        first = page.locator("#zn-results > li").first
        expect(first.locator("h2 a")).to_have_attribute("href", f"../public/{guide}/")
        expect(first.locator("mark").first).to_be_visible()
        expect(page.get_by_role("status")).to_contain_text(query)
        expect(page.locator("#zn-all")).to_be_hidden()
        first.locator("h2 a").click()
        expect(page).to_have_url(f"{site}/{folder}public/{guide}/")


def test_search_leads_to_the_section(browser: Browser, site: str) -> None:
    """A result's section link ends at a heading that exists."""
    with _page(browser, site) as page:
        page.goto(f"{site}/search/?q=逾期费")
        page.locator("#zn-results a[href*='#']").first.click()
        expect(page.locator("h2:target, h3:target")).to_be_in_viewport()


@pytest.mark.parametrize("query", ["火星移民签证", "xyzzy", "<img src=x onerror=alert(1)>"])
def test_search_without_results_says_so_and_lists_all(browser: Browser, site: str, query: str) -> None:
    """Nothing found is said in words, and every guide can still be chosen."""
    with _page(browser, site) as page:
        page.goto(f"{site}/search/")
        page.locator("#zn-q").fill(query)
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"没有找到“{query}”")
        assert page.locator("#zn-all li").count() >= 6


def test_search_without_scripts_lists_all_guides(browser: Browser, site: str) -> None:
    """Without scripts the page says that it cannot search and shows every guide."""
    with _page(browser, site, scripts=False) as page:
        page.goto(f"{site}/search/?q=续借")
        expect(page.get_by_text("没有脚本时")).to_be_visible()
        assert page.locator("#zn-all li").count() >= 6
        expect(page.locator("[data-zn-large]")).to_be_hidden()


@pytest.mark.parametrize(
    "path", ["public/pub-lost-book/", "staff/internal/stf-shelving/", "public/", "search/", ""]
)
def test_language_switch_keeps_the_page(browser: Browser, site: str, path: str) -> None:
    """The link to the other language leads to the same page and back, without any script."""
    with _page(browser, site, scripts=False) as page:
        page.goto(f"{site}/{path}")
        page.get_by_role("banner").get_by_role("link", name="English").click()
        expect(page).to_have_url(f"{site}/en/{path}")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("banner").get_by_role("link", name="中文").click()
        expect(page).to_have_url(f"{site}/{path}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_accessibility_violations(browser: Browser, site: str, size: tuple[int, int], scheme: str) -> None:
    """axe finds nothing on landing, list, guide, search and assistant pages."""
    paths = [
        "",
        "public/",
        "staff/internal/stf-shelving/",
        "search/?q=续借",
        "assistant/",
        "en/public/pub-lost-book/",
    ]
    with _page(browser, site, size, scheme, policy=False) as page:  # axe itself sets inline styles
        for path in paths:
            page.goto(f"{site}/{path}")
            page.wait_for_function("() => Boolean(customElements.get('zhinan-assistant'))")
            if "?" in path:
                expect(page.locator("#zn-results")).to_be_visible()
            found = Axe().run(page).response["violations"]
            assert [(path, v["id"], [node["html"] for node in v["nodes"]][:3]) for v in found] == []


@pytest.mark.parametrize("large", [False, True])
def test_nothing_runs_off_a_narrow_phone(browser: Browser, site: str, large: bool) -> None:
    """At 320 pixels no page scrolls sideways, and links and buttons of the header are big enough to touch."""
    with _page(browser, site, (320, 640)) as page:
        for path in ["", "public/pub-borrow-books/", "search/?q=续借", "en/staff/internal/stf-shelving/"]:
            page.goto(f"{site}/{path}")
            if large and not page.locator("html.zhinan-large").count():
                page.locator("[data-zn-large]").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            for box in (
                e.bounding_box() for e in page.locator("header a, header button, .zn-glance a").all()
            ):
                assert box is None or (box["height"] >= 24 and box["width"] >= 24)


def test_large_print_is_remembered(browser: Browser, site: str) -> None:
    """The switch makes text larger, says that it is on, and holds on the next page."""
    with _page(browser, site) as page:
        page.goto(f"{site}/")
        size = "parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"
        before = page.evaluate(size)
        page.get_by_role("button", name="大字版").click()
        assert page.evaluate(size) > before * 1.25
        page.goto(f"{site}/en/")
        expect(page.get_by_role("button", name="Large print")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate(size) > before * 1.25


def test_the_keyboard_reaches_the_text_first(browser: Browser, site: str) -> None:
    """The first stop of the Tab key is a visible link that skips to the text."""
    with _page(browser, site) as page:
        page.goto(f"{site}/public/pub-lost-book/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="跳到正文")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#zn-main")).to_be_focused()


def test_print_has_the_guide_alone(browser: Browser, site: str) -> None:
    """On paper the guide stands without navigation, search and assistant."""
    with _page(browser, site) as page:
        page.goto(f"{site}/public/pub-lost-book/")
        page.emulate_media(media="print")
        for part in (".zn-search", ".zn-tabs", ".zn-contents", ".zn-assistant", ".zn-tools"):
            expect(page.locator(part).first).to_be_hidden()
        expect(page.locator(".zn-glance")).to_be_visible()
