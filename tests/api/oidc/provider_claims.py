"""What the identity provider states of a person, set as django-oauth-toolkit's manual describes."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    """States name, groups and department in the ID token."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """The claims of one person."""
        groups = sorted(group.name for group in request.user.groups.all())
        return {"preferred_username": request.user.username, "groups": groups, "department": "bike-office"}
