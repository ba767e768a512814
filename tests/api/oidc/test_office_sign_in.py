"""Sign-in at a real provider gives what the rules say, to whom they say, and nothing otherwise."""

import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.accounts import Account, disable_account, list_accounts
from api.audit import Audit
from api.office_sign_in import RETURN, START
from api.oidc import Begun, seal, unseal
from api.secret import load_secret
from api.store import Store
from rag.access import Audience, Level, Reader
from rag.settings import Settings
from tests.api.identities import make_account
from tests.api.library import ROLE
from tests.api.oidc.conftest import Running, begun_at, configured
from tests.api.oidc.provider import CLIENT_SECRET
from tests.api.test_levels import IDS

COOKIE = "zhinan"
FLOW = "zhinan-office"


def accounts(settings: Settings) -> dict[str, Account]:
    """Accounts of an app by name."""
    store = Store(settings.database)
    found = {account.name: account for account in list_accounts(store)}
    store.close()
    return found


def events(settings: Settings) -> list[tuple[str, str, str]]:
    """What the audit trail says, which must be whole: act, target and detail."""
    store = Store(settings.database)
    audit = Audit(store, settings.secret)
    assert audit.verify() == []
    found = [(event.act, event.target, event.detail) for event in audit.events()]
    store.close()
    return found


def levels(browser: TestClient) -> list[str]:
    """Levels above open whose guides this browser is shown."""
    said = browser.get("/api/v1/guides").text
    return [level for level, guide in IDS.items() if f'"{guide}"' in said]


def kept(settings: Settings, browser: TestClient) -> Begun:
    """What the browser's cookie holds, as the server reads it."""
    begun = unseal(
        load_secret(settings.secret).derive("office sign-in"), browser.cookies[FLOW], datetime.now(UTC)
    )
    assert begun is not None
    return begun


def keep(settings: Settings, browser: TestClient, begun: Begun, ago: timedelta = timedelta()) -> None:
    """Put another sign-in into the browser's cookie, sealed by the server some time ago."""
    key = load_secret(settings.secret).derive("office sign-in")
    browser.cookies.clear()
    browser.cookies.set(FLOW, seal(key, begun, datetime.now(UTC) - ago))


@pytest.mark.parametrize(
    ("name", "opens", "reader", "unit"),
    [
        ("li.na", ["members", "internal"], Reader(Audience.STAFF, Level.INTERNAL, frozenset({"trainers"})), "bike-office"),
        ("wang.wei", list(IDS), Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({ROLE})), None),
    ],
)  # fmt: skip
def test_whoever_signs_in_reads_what_the_first_fitting_rule_says(
    browser: TestClient,
    office: Settings,
    provider: Running,
    name: str,
    opens: list[str],
    reader: Reader,
    unit: str | None,
) -> None:
    """One in two groups gets the rule that stands first; the account, the trail and the site agree."""
    assert levels(browser) == []
    answer = browser.get(provider.sign_in(begun_at(browser), name))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert levels(browser) == opens
    account = accounts(office)[name]
    assert (account.reader, account.unit, account.has_password) == (reader, unit, False)
    assert account.subject and account.subject.startswith(provider.issuer + "#")
    assert [event[:2] for event in events(office)] == [("signed-in", name)]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser: TestClient, provider: Running) -> None:
    """Both are HttpOnly and SameSite; the one of the sign-in lasts ten minutes and is taken away at its end."""
    began = browser.get(START)
    ended = browser.get(provider.sign_in(began.headers["location"], "li.na"))
    flow, session = began.headers["set-cookie"], ended.headers.get_list("set-cookie")
    assert all("HttpOnly; SameSite=Lax" in cookie for cookie in (flow, *session))
    assert (
        "Max-Age=600" in flow and f"{FLOW}=; Max-Age=0" in session[1] and session[0].startswith(f"{COOKIE}=")
    )
    assert FLOW not in browser.cookies


def test_over_https_cookies_belong_to_this_host_alone(browser: TestClient, office: Settings) -> None:
    """With an https address both have the __Host- prefix and are Secure."""
    settings = Settings(**(office.model_dump() | {"public_url": "https://guides.example"}))
    with configured(browser, settings):
        answer = browser.get(START)
    assert answer.headers["set-cookie"].startswith("__Host-zhinan-office=")
    assert "; Secure" in answer.headers["set-cookie"] and "Domain" not in answer.headers["set-cookie"]


def test_the_provider_is_asked_with_state_nonce_and_pkce(browser: TestClient, office: Settings) -> None:
    """Every sign-in has its own; the verifier stays here, and the way back is the configured one."""
    asked = [parse_qs(urlsplit(begun_at(browser)).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name][0] for one in asked}) == 2 and min(len(one[name][0]) for one in asked) >= 43
    last = asked[-1]
    assert (last["response_type"], last["code_challenge_method"], last["scope"]) == (
        ["code"],
        ["S256"],
        ["openid profile"],
    )
    assert last["redirect_uri"] == [f"{office.public_url}{RETURN}"]
    assert kept(office, browser).verifier not in json.dumps(asked)


def test_a_forged_host_header_changes_nothing(browser: TestClient, office: Settings) -> None:
    """The way back comes from the settings, never from the request."""
    answer = browser.get(START, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil" not in answer.headers["location"]


def test_whoever_no_rule_fits_has_no_account(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """Known to the provider is not known here: no account, no session, one event without a claim."""
    answer = browser.get(provider.sign_in(begun_at(browser), "zhao.min"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-admitted")
    assert accounts(office) == {} and COOKIE not in browser.cookies
    assert events(office) == [("sign-in-failed", "office", '{"why": "no rule fits"}')]


def test_a_local_account_cannot_be_taken_over(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """Somebody whom the provider calls admin does not become the admin of this system."""
    store = Store(office.database)
    reader = Reader(Audience.LEADERS, Level.RESTRICTED, frozenset({ROLE}))
    make_account(store, "admin", reader)
    store.close()
    answer = browser.get(provider.sign_in(begun_at(browser), "admin"))
    assert answer.status_code == 403 and levels(browser) == []
    account = accounts(office)["admin"]
    assert (account.reader, account.subject, account.has_password) == (reader, None, True)
    assert [event[:2] for event in events(office)] == [("sign-in-failed", "admin")]


def test_a_name_that_cannot_be_an_account_is_replaced(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """Somebody with a Chinese name at the provider gets a neutral one here, the same each time."""
    for _ in range(2):
        assert browser.get(provider.sign_in(begun_at(browser), "张伟")).status_code == 303
    (name,) = accounts(office)
    assert name.startswith("office-") and len(name) == 19


def test_groups_changed_at_the_provider_hold_at_the_next_sign_in(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """Raised, lowered, and at last let in no more, which ends the sessions that are open."""
    try:
        browser.get(provider.sign_in(begun_at(browser), "li.na"))
        assert levels(browser) == ["members", "internal"]
        provider.put_into("li.na", "partners")
        assert browser.get(provider.sign_in(begun_at(browser), "li.na")).status_code == 303
        assert levels(browser) == ["members"]
        assert accounts(office)["li.na"].reader == Reader(Audience.ORGANISATIONS, Level.MEMBERS)
        provider.put_into("li.na")
        assert browser.get(provider.sign_in(begun_at(browser), "li.na")).status_code == 403
        assert browser.get("/api/v1/guides").status_code == 401
    finally:
        provider.put_into("li.na", "trainers")
    assert [event[:2] for event in events(office)] == [
        ("signed-in", "li.na"), ("signed-in", "li.na"), ("sign-in-failed", "li.na")
    ]  # fmt: skip


def test_a_disabled_account_stays_out(browser: TestClient, office: Settings, provider: Running) -> None:
    """What the operator has disabled here the provider does not enable."""
    browser.get(provider.sign_in(begun_at(browser), "li.na"))
    store = Store(office.database)
    with store.writing() as connection:
        disable_account(connection, "li.na", datetime.now(UTC))
    store.close()
    browser.cookies.clear()
    answer = browser.get(provider.sign_in(begun_at(browser), "li.na"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-admitted")
    assert accounts(office)["li.na"].disabled and levels(browser) == []


def test_a_code_opens_once(browser: TestClient, office: Settings, provider: Running) -> None:
    """Whoever copied address and cookie gets nothing for them a second time."""
    address = begun_at(browser)
    begun = kept(office, browser)
    back = provider.sign_in(address, "li.na")
    assert browser.get(back).status_code == 303
    keep(office, browser, begun)
    answer = browser.get(back)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "sign-in-not-proven")
    assert levels(browser) == []


@pytest.mark.parametrize("part", ["nonce", "verifier"])
def test_a_code_belongs_to_the_browser_that_asked_for_it(
    browser: TestClient, office: Settings, provider: Running, part: str
) -> None:
    """With another nonce or PKCE verifier than the code was asked with, it opens nothing."""
    address = begun_at(browser)
    begun = kept(office, browser)
    back = provider.sign_in(address, "li.na")
    keep(office, browser, Begun(**(vars(begun) | {part: "x" * 64})))
    assert browser.get(back).status_code == 403
    assert COOKIE not in browser.cookies and accounts(office) == {}


def test_somebody_elses_link_signs_nobody_in(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """An attacker's address with his own code and state is refused, and the sign-in under way goes on."""
    theirs = provider.sign_in(begun_at(browser), "wang.wei")
    browser.cookies.clear()
    assert browser.get(theirs).status_code == 400
    address = begun_at(browser)
    assert browser.get(theirs).status_code == 400
    assert COOKIE not in browser.cookies and accounts(office) == {}
    assert browser.get(provider.sign_in(address, "li.na")).status_code == 303


def test_a_sign_in_ends_after_ten_minutes(browser: TestClient, office: Settings, provider: Running) -> None:
    """The same cookie holds at nine minutes and not at eleven."""
    back = provider.sign_in(begun_at(browser), "li.na")
    begun = kept(office, browser)
    keep(office, browser, begun, timedelta(minutes=11))
    assert browser.get(back).status_code == 400
    keep(office, browser, begun, timedelta(minutes=9))
    assert browser.get(back).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "密", "gAAAAA" + "x" * 200])
def test_a_cookie_that_this_server_did_not_seal_is_none(cookie: str) -> None:
    """Made up, cut or sealed by another installation: nothing."""
    now, begun = datetime.now(UTC), Begun("s", "n", "v")
    assert unseal(b"k" * 32, cookie, now) is None
    assert unseal(b"k" * 32, seal(b"j" * 32, begun, now), now) is None
    assert unseal(b"k" * 32, seal(b"k" * 32, begun, now), now) == begun


@pytest.mark.parametrize("query", ["error=access_denied", "", "code=", "code=a&code=b", "code=" + "a" * 5000])
def test_without_one_code_nobody_signs_in(browser: TestClient, office: Settings, query: str) -> None:
    """Cancelled at the provider, or an address that was tampered with: a calm answer, and no account."""
    begun_at(browser)
    answer = browser.get(f"{RETURN}?state={kept(office, browser).state}&{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "sign-in-not-done")
    assert accounts(office) == {}


@pytest.mark.parametrize("state", ["", "state=", "state=x", "state=%ff%00", "state=x&state=y"])
def test_without_the_state_nobody_signs_in(browser: TestClient, office: Settings, state: str) -> None:
    """Missing, wrong, unreadable or doubled: refused and written down."""
    begun_at(browser)
    answer = browser.get(f"{RETURN}?code=x&{state}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "sign-in-not-begun")
    assert events(office) == [("sign-in-failed", "office", '{"why": "another state"}')]


def test_a_failure_tells_people_in_both_languages_and_gives_nothing_away(
    browser: TestClient, office: Settings, provider: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Page, log and trail of a refused sign-in hold no claim, code, token or secret."""
    caplog.set_level(logging.INFO, "zhinan")
    back = provider.sign_in(begun_at(browser), "zhao.min")
    begun = kept(office, browser)
    cookies = dict(browser.cookies)
    page = browser.get(back, headers={"Accept": "text/html"})
    browser.cookies.update(cookies)
    english = browser.get(back, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 403 and page.headers["content-type"].startswith("text/html")
    assert "您的账号在本系统没有开通" in page.text and "could not be proven" in english.text
    assert "no-store" in page.headers["cache-control"] and "<script" not in page.text
    said = page.text + str(page.headers) + caplog.text + str(events(office))
    code = parse_qs(urlsplit(back).query)["code"][0]
    for secret in ("zhao.min", "canteen", code, CLIENT_SECRET, begun.state, begun.nonce, begun.verifier):
        assert secret not in said


def test_a_wrong_client_secret_shows_as_a_refusal(
    browser: TestClient, office: Settings, provider: Running
) -> None:
    """An installation that cannot prove itself to the provider signs nobody in."""
    settings = Settings(**(office.model_dump() | {"oidc_client_secret": "another secret"}))
    with configured(browser, settings):
        assert browser.get(provider.sign_in(begun_at(browser), "li.na")).status_code == 403
    assert events(office) == [("sign-in-failed", "office", '{"why": "code refused: invalid_client"}')]


def test_the_sign_in_page_leads_there(browser: TestClient) -> None:
    """By a link, not a form: the policy lets forms go to this site alone."""
    assert f'<a class="button" href="{START}">' in browser.get("/sign-in").text


def test_without_an_issuer_there_is_no_such_sign_in(client: TestClient) -> None:
    """The addresses are absent, as any other that does not exist, and no page leads there."""
    assert START not in client.get("/sign-in").text
    absent = client.get("/sign-in/nowhere")
    assert absent.status_code == 404
    for path in (START, RETURN):
        assert (client.get(path).status_code, client.get(path).text) == (404, absent.text)
