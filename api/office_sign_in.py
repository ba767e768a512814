"""Sign-in at the office's own identity provider, as the settings have it: provider, rules and the seal's key."""

from dataclasses import dataclass, field

from api.oidc import Client, Provider
from api.oidc_rules import Rules, read_rules
from api.secret import load_secret
from rag.settings import Settings

START = "/sign-in/office"
RETURN = "/sign-in/office/return"


@dataclass(frozen=True)
class OfficeSignIn:
    """What it needs while the server runs."""

    provider: Provider
    rules: Rules
    key: bytes = field(repr=False)


def office_sign_in(settings: Settings) -> OfficeSignIn | None:
    """Sign-in at the office's provider, or None where no issuer is set; RulesError if the rules are wrong."""
    if settings.oidc_issuer is None:
        return None
    # The settings insist on these four beside the issuer.
    assert settings.oidc_client_id and settings.oidc_client_secret
    assert settings.oidc_rules and settings.public_url
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scope,
        settings.public_url + RETURN,
    )
    key = load_secret(settings.secret).derive("office sign-in")
    return OfficeSignIn(Provider(client), read_rules(settings.oidc_rules), key)
