"""The assistant in a page of the real site, served by the real server with its store, sessions and switches."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from api.identity import cookie_name
from api.sessions import open_session
from api.store import Store
from api.switches import ASSISTANT, Switch, switch_off, switch_on
from api.tables import ANSWERS
from rag.access import Audience, Level, Reader
from rag.settings import Settings
from tests.api.identities import make_account
from tests.api.served import served
from tests.browser.assistant.steps import ask, no_violations

PHONE, DESKTOP = (390, 844), (1280, 900)
PER_MINUTE = 4
QUESTION = {"zh": "借书能借多久", "en": "How long can I borrow a book?"}


@pytest.fixture(scope="module")
def settings(library_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The library's guides with a store of this module's own, where an account may ask four times a minute."""
    folder = tmp_path_factory.mktemp("served")
    own = {"database": f"sqlite:///{folder / 'store.sqlite'}", "secret": folder / "secret.key"}
    changed = {"address_per_minute": PER_MINUTE, "local_per_minute": 100_000}
    return Settings(**(library_settings.model_dump(exclude_unset=True) | own | changed))


@pytest.fixture(scope="module")
def store(settings: Settings) -> Iterator[Store]:
    """The store that the server uses."""
    opened = Store(settings.database)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(settings: Settings, store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the running server."""
    with served(settings, tmp_path_factory.mktemp("server")) as server:
        yield f"http://127.0.0.1:{server.port}"


@contextmanager
def _page(browser: Browser, size: tuple[int, int] = DESKTOP) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def _field(page: Page, address: str, lang: str = "zh") -> Locator:
    page.goto(f"{address}/{'' if lang == 'zh' else 'en/'}")
    page.locator("zhinan-assistant .launcher").click()
    return page.locator(".composer textarea")


def _stored(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(ANSWERS)).scalar_one()


def _sign_in(page: Page, address: str, settings: Settings, store: Store, name: str, ended: bool) -> None:
    """Give the browser a session, which may have ended long ago."""
    account = make_account(store, name, Reader(Audience.STAFF, Level.INTERNAL))
    begun = datetime.now(UTC) - timedelta(hours=20 if ended else 0)
    with store.writing() as connection:
        token = open_session(connection, account, begun, 12)
    page.context.add_cookies([{"name": cookie_name(settings), "value": token, "url": address}])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_deleted_question_is_gone_from_the_store(
    browser: Browser, address: str, store: Store, size: tuple[int, int], lang: str
) -> None:
    """Asked, answered, deleted: the server's table holds one row more and then not, and nothing runs off."""
    before = _stored(store)
    with _page(browser, size) as page:
        shown = ask(_field(page, address, lang), QUESTION[lang])
        expect(shown.locator(".cites li").first).to_be_visible()
        assert _stored(store) == before + 1
        shown.locator(".forget button").click()
        no_violations(page)
        assert page.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
        shown.locator(".forget .danger").click()
        said = {"zh": "这次提问和回答已经删除。", "en": "This question and its answer are deleted."}
        expect(page.locator("[role=status]")).to_have_text(said[lang])
        expect(page.locator(".entry")).to_have_count(0)
    assert _stored(store) == before


def test_after_a_session_ends_the_next_question_is_the_publics(
    browser: Browser, address: str, settings: Settings, store: Store
) -> None:
    """The first question says that the session ended and leads to sign-in; the server took the cookie away, so
    the same question is then answered."""
    with _page(browser) as page:
        field = _field(page, address)
        _sign_in(page, address, settings, store, "ended", ended=True)
        shown = ask(field, QUESTION["zh"])
        expect(shown).to_contain_text("您的登录已经结束")
        no_violations(page)
        assert page.context.cookies(address) == []
        with page.context.expect_page() as opening:
            shown.get_by_role("link", name="工作人员登录").click()
        expect(opening.value.get_by_role("heading", name="登录", exact=True)).to_be_visible()
        shown.get_by_role("button", name="再试一次").click()
        expect(page.locator(".answered")).to_be_visible()


def test_who_asks_too_often_is_told_how_long_to_wait(
    browser: Browser, address: str, settings: Settings, store: Store
) -> None:
    """A member of staff who used up the minute reads how many seconds are left, and the hotline."""
    with _page(browser) as page:
        field = _field(page, address)
        _sign_in(page, address, settings, store, "hasty", ended=False)
        for _ in range(PER_MINUTE):
            expect(ask(field, QUESTION["zh"])).not_to_contain_text("提问太密集了")
        shown = ask(field, QUESTION["zh"])
        expect(shown).to_contain_text("提问太密集了，请")
        assert shown.locator(".outcome").inner_text().endswith("秒钟后再试。")
        assert shown.locator('a[href="tel:12345"]').count() == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_stopped_assistant_shows_its_note_and_comes_back(
    browser: Browser, address: str, store: Store, lang: str
) -> None:
    """Stopped by the office, the page says that it is paused and whom to reach; on again, it answers."""
    paused = {"zh": "助手暂停使用，请联系工作人员", "en": "The assistant is paused; please contact the staff"}
    with _page(browser, PHONE) as page:
        field = _field(page, address, lang)
        with store.writing() as connection:
            switch_off(connection, Switch(ASSISTANT, "test", "test", datetime.now(UTC)))
        try:
            page.wait_for_timeout(1000)
            shown = ask(field, QUESTION[lang])
        finally:
            with store.writing() as connection:
                switch_on(connection, ASSISTANT)
        expect(shown.locator(".outcome")).to_have_text(paused[lang])
        expect(shown.locator(".contact .tel").first).to_be_visible()
        assert shown.locator(".rating").count() == 0
        no_violations(page)
        page.wait_for_timeout(1000)
        expect(ask(field, QUESTION[lang]).locator(".cites li").first).to_be_visible()


@pytest.mark.parametrize(("path", "heading"), [("", "登录"), ("en/", "Sign in"), ("public/", "登录")])
def test_the_footer_leads_staff_to_sign_in(browser: Browser, address: str, path: str, heading: str) -> None:
    """One press on the footer's link of any page, an absent one too, ends at the form in the page's language."""
    with _page(browser, PHONE) as page:
        for start in (path, f"{path}no/such/page/"):
            page.goto(f"{address}/{start}")
            page.get_by_role("contentinfo").locator("a[href*=sign-in]").click()
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
            expect(page.locator("input[name=password]")).to_be_visible()
