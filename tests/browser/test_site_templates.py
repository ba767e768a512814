"""Every kind of page of our own guides: readable by everybody, on any screen, with and without scripts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PHONE, DESKTOP = (390, 844), (1280, 900)
PAGES = {
    "landing": "",
    "audience": "public/",
    "audience-en": "en/organisations/",
    "topics": "topics/",
    "search": "search/?q=居住证",
    "assistant": "assistant/",
    "print": "print/",
    "journey": "journeys/newcomer-first-month/",
    "journey-en": "en/journeys/organisation-first-year/",
    "service": "public/pub-residence-permit/",
    "service-en": "en/organisations/org-community-filing/",
    "how-to": "staff/internal/stf-cohandle-answer/",
    "technical": "organisations/members/org-api-reference/",
    "policy": "public/pub-petition-appeal/",
    "training": "public/pub-digital-life/",
    "training-en": "en/staff/internal/stf-training/",
    "restricted": "staff/restricted/stf-audit-log/",
    "absent": "404.html",
}


def _open(browser: Browser, size: tuple[int, int], scheme: str = "light", scripts: bool = True) -> Page:
    return browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        bypass_csp=True,  # axe itself sets inline styles
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_on_any_kind_of_page(
    browser: Browser, guides: str, size: tuple[int, int], scheme: str
) -> None:
    """0 violations of WCAG 2.2 A and AA, by axe, on every template and type of guide."""
    page = _open(browser, size, scheme)
    for name, path in PAGES.items():
        page.goto(guides + path)
        if name == "training":
            page.locator(".zn-quiz summary").first.click()
        found = Axe().run(page).response["violations"]
        assert [(name, v["id"], [node["html"] for node in v["nodes"]][:3]) for v in found] == []
    page.close()


def test_axe_finds_nothing_in_large_print(browser: Browser, guides: str) -> None:
    """Large print keeps contrast, order and names on every template, and nothing runs off a phone."""
    page = _open(browser, PHONE)
    page.goto(guides)
    page.get_by_role("button", name="大字版").click()
    for name, path in PAGES.items():
        page.goto(guides + path)
        expect(page.locator("html.zhinan-large")).to_have_count(1)
        found = Axe().run(page).response["violations"]
        assert [(name, v["id"], [node["html"] for node in v["nodes"]][:3]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], name
    page.close()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_reading_needs_no_script(browser: Browser, guides: str, path: str) -> None:
    """Without scripts every page shows its heading and leads on to guides."""
    page = _open(browser, DESKTOP, scripts=False)
    page.goto(guides + path)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("main a[href], nav a[href]").count() > 3
    page.close()


def test_a_journey_leads_through_its_guides_and_back(browser: Browser, guides: str) -> None:
    """Each stop opens a guide, and the guide names the journey it is part of."""
    page = _open(browser, DESKTOP)
    page.goto(f"{guides}journeys/newcomer-first-month/")
    stops = page.locator(".zn-stops > li")
    assert stops.count() == 6
    expect(page.locator("svg.zn-flow rect")).to_have_count(6)
    stops.nth(3).get_by_role("link").click()
    page.get_by_role("link", name="新来示例县的第一个月").click()
    expect(page).to_have_url(f"{guides}journeys/newcomer-first-month/")
    page.close()


def test_a_quiz_tells_its_answer_only_when_asked(browser: Browser, guides: str) -> None:
    """Answers of a course are folded away, open without scripts, and name their source."""
    page = _open(browser, DESKTOP, scripts=False)
    page.goto(f"{guides}public/pub-digital-life/")
    answers = page.locator(".zn-quiz details")
    assert answers.count() == 10
    expect(answers.first.locator("p").first).to_be_hidden()
    answers.first.locator("summary").click()
    expect(answers.first.locator("p").first).to_be_visible()
    page.close()
