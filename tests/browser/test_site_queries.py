"""Whether people find the right guide through the site's own search, in a real browser, with everyday words.

queries.jsonl holds 110 queries a language with the guide that each means, written by somebody who knew what the
guides are about but had not seen their texts or aliases. A third of the Chinese ones are in Traditional characters.
"""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

QUERIES = Path(__file__).with_name("queries.jsonl")
SHARE = 0.95
"""Of the queries of a language, those whose guide must be among the first three results."""


def _first_three(page: Page, query: str) -> list[str]:
    """Ids of the first three guides that the search page shows for a query typed into its box."""
    page.locator("#zn-q").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_function("q => document.title.startsWith(q)", arg=query)
    links = page.eval_on_selector_all(
        "#zn-results > li > h2 a", "found => found.slice(0, 3).map(a => a.href)"
    )
    return [link.rstrip("/").rpartition("/")[2] for link in links]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everyday_words_find_the_right_guide(browser: Browser, guides: str, lang: str) -> None:
    """At least 95 of 100 queries in either language show the guide that is meant among the first three."""
    cases = [
        case
        for line in QUERIES.read_text(encoding="utf-8").splitlines()
        if (case := json.loads(line))["lang"] == lang
    ]
    assert len(cases) >= 100
    page = browser.new_page()
    page.goto(f"{guides}{'en/' if lang == 'en' else ''}search/")
    missed = [
        (case["query"], case["guide"])
        for case in cases
        if case["guide"] not in _first_three(page, case["query"])
    ]
    page.close()
    assert len(missed) <= (1 - SHARE) * len(cases), missed
