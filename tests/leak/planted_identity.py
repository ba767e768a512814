"""Faults planted in who asks: sessions, accounts, links, scopes of keys, cookies and forms."""

from tests.leak import gates_accounts as accounts
from tests.leak import gates_sessions as sessions
from tests.leak.faults import Fault, replaced

_KNOWN = (
    "any(a.name == name for a in __import__('api.accounts', fromlist=['x']).list_accounts(services.store))"
)
"""Source that tells whether there is an account of this name."""

IDENTITY_FAULTS = [
    Fault(
        "unused sessions never end",
        replaced("api.sessions:session_of", ", SESSIONS.c.seen > now - idle", ""),
        sessions.session_gate,
    ),
    Fault(
        "sessions outlive their day",
        replaced("api.sessions:session_of", "SESSIONS.c.expires > now, ", ""),
        sessions.session_gate,
    ),
    Fault(
        "sessions of disabled accounts accepted",
        replaced("api.sessions:session_of", ".where(ACCOUNTS.c.disabled.is_(None))", ""),
        sessions.session_gate,
    ),
    Fault(
        "signing out leaves the session",
        replaced("api.sessions:close_session", "SESSIONS.c.hash == session.digest", "SESSIONS.c.hash == ''"),
        sessions.ending_gate,
    ),
    Fault(
        "signing out everywhere leaves sessions",
        replaced("api.sessions:close_sessions", "SESSIONS.c.account == account", "SESSIONS.c.account == ''"),
        sessions.ending_gate,
    ),
    Fault(
        "disabling an account leaves its sessions",
        replaced("api.accounts:disable_account", "_forget_entries(connection, name)", "pass"),
        sessions.ending_gate,
    ),
    Fault(
        "links outlive their account",
        replaced("api.accounts:_forget_entries", "(SESSIONS, LINKS)", "(SESSIONS,)"),
        sessions.entries_gate,
    ),
    Fault(
        "a session that does not hold is taken for none",
        replaced(
            "api.identity:identity_of", "if session is None:", "if session is None:\n        return NOBODY"
        ),
        sessions.refusal_gate,
    ),
    Fault(
        "an empty cookie is taken for none",
        replaced("api.identity:identity_of", "if cookie is None:", "if not cookie:"),
        sessions.refusal_gate,
    ),
    Fault(
        "key and session accepted together",
        replaced("api.identity:identity_of", " and cookie is None", ""),
        sessions.one_way_gate,
    ),
    Fault(
        "scripts read the cookie",
        replaced("api.identity:session_cookie", " HttpOnly;", ""),
        sessions.attribute_gate,
    ),
    Fault(
        "forms of other sites send the cookie",
        replaced("api.identity:session_cookie", "; SameSite=Lax", ""),
        sessions.attribute_gate,
    ),
    Fault(
        "the cookie travels without TLS",
        replaced("api.identity:session_cookie", '"; Secure" if is_https(settings) else ""', '""'),
        sessions.attribute_gate,
    ),
    Fault(
        "changes asked for by other sites accepted",
        replaced("api.identity:require_same_origin", 'site != "same-origin"', "False"),
        sessions.origin_gate,
    ),
    Fault(
        "another origin accepted",
        replaced(
            "api.identity:require_same_origin",
            'origin.partition("://")[2] != request.headers.get("host", "")',
            "False",
        ),
        sessions.origin_gate,
    ),
    Fault(
        "a change that names no site accepted",
        replaced("api.identity:require_same_origin", "site is None and origin is None", "False"),
        sessions.origin_gate,
    ),
    Fault(
        "a session's changes not asked for their origin",
        replaced("api.identity:identity_of", "require_same_origin(request)", "pass"),
        sessions.origin_gate,
    ),
    Fault(
        "the sign-in not asked for its origin",
        replaced("api.routes.desk:_foreign_form", "require_same_origin(request)", "pass"),
        sessions.origin_gate,
    ),
    Fault(
        "form token not compared",
        replaced(
            "api.routes.desk:_own_form",
            'not hmac.compare_digest(\n        fields.get("form", "").encode(), session.form_token.encode()\n    )',
            "False",
        ),
        sessions.form_gate,
    ),
    Fault(
        "one form token for all sessions",
        replaced("api.sessions:form_token", 'token.encode("utf-8", "surrogatepass")', 'b"zhinan"'),
        sessions.form_gate,
    ),
    Fault(
        "the sign-in tells unknown names from wrong passwords",
        replaced(
            "api.routes.desk:sign_in",
            "_WRONG, 401)",
            f"_WRONG if {_KNOWN} else ('没有这个账号。', 'There is no such account.'), 401)",
        ),
        accounts.sign_in_gate,
    ),
    Fault(
        "disabled accounts sign in",
        replaced("api.accounts:check_password", ' and row["disabled"] is None', ""),
        accounts.sign_in_gate,
    ),
    Fault(
        "an account without a password takes any",
        replaced(
            "api.accounts:check_password",
            "return None\n    return account_from(row) if row and stored",
            "return account_from(row) if row and not stored else None\n    return account_from(row) if row and stored",
        ),
        accounts.sign_in_gate,
    ),
    Fault(
        "an unknown name costs no hash",
        replaced(
            "api.accounts:check_password",
            "    try:\n",
            "    if row is None:\n        return None\n    try:\n",
        ),
        accounts.hashing_gate,
    ),
    Fault(
        "what was typed at a failed sign-in is recorded",
        replaced("api.routes.desk:sign_in", 'Act.SIGN_IN_FAILED, "password"', "Act.SIGN_IN_FAILED, name"),
        accounts.typed_gate,
    ),
    Fault(
        "failed sign-ins not recorded",
        replaced("api.routes.desk:sign_in", "await run_in_threadpool(services.audit.record, ", "("),
        accounts.typed_gate,
    ),
    Fault(
        "passwords kept in plain",
        replaced("api.accounts:set_password", "_hasher().hash(_bytes(password))", "password"),
        accounts.secret_gate,
    ),
    Fault(
        "cookies and links kept in plain",
        replaced("api.accounts:digest", "return hashlib", "return token or hashlib"),
        accounts.secret_gate,
    ),
    Fault(
        "keys kept in plain",
        replaced("api.keys:_digest", "return hashlib", "return text or hashlib"),
        accounts.secret_gate,
    ),
    Fault(
        "links usable twice",
        replaced("api.accounts:set_password", "_forget_entries(connection, name)", "pass"),
        accounts.link_gate,
    ),
    Fault(
        "links usable after a day",
        replaced("api.accounts:account_of_link", "LINKS.c.expires > now, ", ""),
        accounts.link_gate,
    ),
    Fault(
        "older links go on",
        replaced("api.accounts:make_link", "LINKS.c.account == name", "LINKS.c.account == ''"),
        accounts.link_gate,
    ),
    Fault(
        "links of disabled accounts usable",
        replaced("api.accounts:account_of_link", ", ACCOUNTS.c.disabled.is_(None)", ""),
        accounts.link_gate,
    ),
    Fault(
        "scopes of keys not asked for",
        replaced("api.deps:_Granted.__call__", "self._scope not in identity.scopes", "False"),
        accounts.scope_gate,
    ),
    Fault(
        "the site open to every key",
        replaced("api.routes.site:_serve", "KeyScope.GUIDES not in identity.scopes", "False"),
        accounts.scope_gate,
    ),
    Fault(
        "an exchanged key goes on",
        replaced("api.keys:rotate_key", "values(expires=ends)", "values(expires=key.expires)"),
        accounts.rotation_gate,
    ),
    Fault(
        "an exchanged key holds longer than it would have",
        replaced("api.keys:rotate_key", "min(key.expires, now + overlap)", "now + overlap"),
        accounts.rotation_gate,
    ),
]
