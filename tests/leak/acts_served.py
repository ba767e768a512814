"""Acts over HTTP: signing in and out, reading what is restricted, and having things forgotten."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from api.accounts import make_link
from api.audit import Act
from api.keys import HEADER
from api.office_sign_in import RETURN
from api.sessions import form_token
from rag.packs import OFFLINE
from tests.api.identities import PASSWORD, make_account
from tests.api.oidc.forgeries import by_unknown_key
from tests.leak.acts import Do, Entry, Said, Scene, at_the_office
from tests.leak.exits import Sent
from tests.leak.forger import Forger, forging
from tests.leak.kept import answered
from tests.leak.office import Subject
from tests.leak.own import STAFF, new_account, new_name, new_session
from tests.leak.served import SAME_ORIGIN, session

ANOTHER = "quite another horse 27"
"""A password that nobody would guess."""

# -- at the office's own sign-in ---------------------------------------------------------------------------


def _right_password(scene: Scene) -> Sequence[Said]:
    name = make_account(scene.store, new_name(), STAFF)
    scene.judge.send_form("/sign-in", {"name": name, "password": PASSWORD}, SAME_ORIGIN)
    return [(f"session:{name}", name)]


def _wrong_password(scene: Scene) -> Sequence[Said]:
    scene.judge.send_form("/sign-in", {"name": new_name(), "password": PASSWORD}, SAME_ORIGIN)
    return [("anonymous", "password")]


def _by_link(scene: Scene) -> Sequence[Said]:
    name = new_account(scene.store)
    with scene.store.writing() as connection:
        token = make_link(connection, name, datetime.now(UTC))
    scene.judge.send_form("/sign-in/link", {"token": token, "password": ANOTHER}, SAME_ORIGIN)
    return [(f"session:{name}", name)] * 2


def _weak_password(scene: Scene) -> Sequence[Said]:
    name = new_account(scene.store)
    with scene.store.writing() as connection:
        token = make_link(connection, name, datetime.now(UTC))
    scene.judge.send_form("/sign-in/link", {"token": token, "password": "password1234"}, SAME_ORIGIN)
    return []


def _changed_password(scene: Scene) -> Sequence[Said]:
    name = make_account(scene.store, new_name(), STAFF)
    _own_form(scene, "/desk/password", name, old=PASSWORD, password=ANOTHER)
    return [(f"session:{name}", name)] * 2


def _form(path: str) -> Do:
    """A form of the desk that needs nothing but its session."""

    def form(scene: Scene) -> Sequence[Said]:
        name = new_account(scene.store)
        _own_form(scene, path, name)
        return [(f"session:{name}", name)]

    return form


def _own_form(scene: Scene, path: str, name: str, **fields: str) -> None:
    token = new_session(scene.store, name)
    headers = {"Cookie": f"zhinan={token}", **SAME_ORIGIN}
    scene.judge.send_form(path, fields | {"form": form_token(token)}, headers)


# -- at the provider's -------------------------------------------------------------------------------------


def _from_provider(come: Callable[[Forger], Said]) -> Do:
    """Somebody who comes back from the provider."""

    def from_provider(scene: Scene) -> Sequence[Said]:
        with forging(scene.judge) as forger:
            return [come(forger)]

    from_provider.__name__ = come.__name__
    return from_provider


def _admitted(forger: Forger) -> Said:
    name = new_name()
    forger.sign_in(name=name)
    return f"session:{name}", name


def _forged(forger: Forger) -> Said:
    forger.sign_in(by_unknown_key)
    return "anonymous", "office"


def _unknown_to_the_rules(forger: Forger) -> Said:
    forger.sign_in(groups=["canteen"])
    return "anonymous", "office"


def _another_state(forger: Forger) -> Said:
    forger.finish(forger.begin().headers["location"], state="x")
    return "anonymous", "office"


def _taken_name(forger: Forger) -> Said:
    name = new_account(forger.judge.served.services.store)
    forger.sign_in(preferred_username=name)
    return "anonymous", name


def _access_lost(scene: Scene) -> Sequence[Said]:
    name = new_name()
    with forging(scene.judge) as forger:
        forger.sign_in(name=name)
        forger.sign_in(name=name, groups=[])
    return [(f"session:{name}", name), ("anonymous", name)]


# -- reading and forgetting --------------------------------------------------------------------------------


def _subject(scene: Scene) -> Subject:
    return next(s for s in scene.judge.served.subjects if "director" in s.roles)


def _read(make: Callable[[Subject], str], by_session: bool = False) -> Do:
    """A restricted guide read, by key or by session."""

    def read(scene: Scene) -> Sequence[Said]:
        subject, who = _subject(scene), session("director") if by_session else "director"
        response = scene.judge.send(who, Sent("GET", make(subject)))
        assert response.status_code == 200
        return [(_actor(scene, who), subject.id)]

    return read


def _read_all(path: str) -> Do:
    """A file of the site that holds every restricted guide of its reader."""

    def read_all(scene: Scene) -> Sequence[Said]:
        scene.judge.send("director", Sent("GET", path))
        return [(_actor(scene, "director"), path)]

    return read_all


def _actor(scene: Scene, reader: str) -> str:
    held = scene.judge.served.headers[reader]
    return f"key:{held[HEADER][:8]}" if HEADER in held else "session:director"


def _not_read(reader: str, path: str = "") -> Do:
    """What one reads who may read less, or nothing restricted, is no event."""

    def not_read(scene: Scene) -> Sequence[Said]:
        scene.judge.send(reader, Sent("GET", path or f"/api/v1/guides/{_subject(scene).id}"))
        return []

    return not_read


def _answer_forgotten(scene: Scene) -> Sequence[Said]:
    name = answered(scene.store, 1)
    scene.judge.send("anonymous", Sent("DELETE", f"/api/v1/answers/{name}"))
    return [("anonymous", f"answer:{name}")]


def _absent_answer_forgotten(scene: Scene) -> Sequence[Said]:
    scene.judge.send("anonymous", Sent("DELETE", f"/api/v1/answers/{'0' * 32}"))
    return []


def _request_forgotten(scene: Scene) -> Sequence[Said]:
    sent = Sent("POST", "/api/v1/requests", body={"question": "找谁办"})
    filed = scene.judge.send("internal", sent).json()
    gone = Sent("DELETE", f"/api/v1/requests/{filed['number']}", {"code": filed["code"]})
    scene.judge.send("internal", gone)
    return [(_actor(scene, "internal"), f"request:{filed['number']}")]


def _entry(exit_name: str, acts: Act | tuple[Act, ...], do: Do) -> Entry:
    return Entry(exit_name, acts if isinstance(acts, tuple) else (acts,), do, at_the_office)


_BACK = f"GET {RETURN}"
_RECORD, _PAGE = "GET /api/v1/guides/{guide_id}", "GET /{path}"
DESK = [
    _entry("POST /sign-in", Act.SIGNED_IN, _right_password),
    _entry("POST /sign-in", Act.SIGN_IN_FAILED, _wrong_password),
    _entry("POST /sign-in/link", (Act.PASSWORD_SET, Act.SIGNED_IN), _by_link),
    _entry("POST /sign-in/link", (), _weak_password),
    _entry("POST /desk/password", (Act.PASSWORD_SET, Act.SIGNED_IN), _changed_password),
    _entry("POST /sign-out", Act.SIGNED_OUT, _form("/sign-out")),
    _entry("POST /desk/sign-out-everywhere", Act.SIGNED_OUT_EVERYWHERE, _form("/desk/sign-out-everywhere")),
]
PROVIDER = [
    _entry(_BACK, Act.SIGNED_IN, _from_provider(_admitted)),
    _entry(_BACK, Act.SIGN_IN_FAILED, _from_provider(_forged)),
    _entry(_BACK, Act.SIGN_IN_FAILED, _from_provider(_unknown_to_the_rules)),
    _entry(_BACK, Act.SIGN_IN_FAILED, _from_provider(_another_state)),
    _entry(_BACK, Act.SIGN_IN_FAILED, _from_provider(_taken_name)),
    _entry(_BACK, (Act.SIGNED_IN, Act.SIGN_IN_FAILED), _access_lost),
]
READING = [
    _entry(_RECORD, Act.RESTRICTED_READ, _read(lambda s: f"/api/v1/guides/{s.id}")),
    _entry(_RECORD, Act.RESTRICTED_READ, _read(lambda s: f"/api/v1/guides/{s.id}", by_session=True)),
    _entry(_RECORD, (), _not_read("auditor")),
    _entry(_PAGE, Act.RESTRICTED_READ, _read(lambda s: s.path)),
    _entry(_PAGE, Act.RESTRICTED_READ, _read(lambda s: s.path, by_session=True)),
    _entry(_PAGE, Act.RESTRICTED_READ, _read_all(f"/{OFFLINE}")),
    _entry(_PAGE, Act.RESTRICTED_READ, _read_all("/print/")),
    _entry(_PAGE, Act.RESTRICTED_READ, _read_all("/en/search-data.json")),
    _entry(_PAGE, (), _not_read("internal", f"/{OFFLINE}")),
    _entry(_PAGE, (), _not_read("director", "/")),
]
FORGETTING = [
    _entry("DELETE /api/v1/answers/{answer_id}", Act.FORGOTTEN, _answer_forgotten),
    _entry("DELETE /api/v1/answers/{answer_id}", (), _absent_answer_forgotten),
    _entry("DELETE /api/v1/requests/{number}", Act.FORGOTTEN, _request_forgotten),
]
