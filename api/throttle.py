"""Which quota a request counts against; who has used his up gets 429 and learns when to come back."""

import hashlib
from dataclasses import dataclass

from fastapi import Request

from api.callers import caller_of
from api.errors import TOO_MANY, failure
from api.identity import Identity, Kind
from api.limits import DAY, MINUTE, QUARTER, Limits, Policy, Verdict, headers_of
from rag.settings import Settings

SAID = "rate_limit"
"""Name in a request's state of the headers that `api.edge` puts on its answer."""


@dataclass(frozen=True)
class Throttle:
    """The quotas of an installation and its counters."""

    limits: Limits
    settings: Settings

    def identity(self, request: Request, identity: Identity) -> None:
        """Count a request of somebody who is known: a key by its own quota, a person by his account."""
        quota = identity.quota
        if quota:
            minute, day = Policy("minute", quota.per_minute, MINUTE), Policy("day", quota.per_day, DAY)
            self._count(request, "key", identity.name, minute, day)
        elif identity.kind is Kind.SESSION:
            policy = Policy("account", self.settings.address_per_minute, MINUTE)
            self._count(request, "account", identity.name, policy)
        else:
            self.address(request)

    def address(self, request: Request) -> None:
        """Count a request that no key or session vouches for, also one whose key does not hold."""
        caller = caller_of(request.scope)
        known = self.settings
        quota = known.local_per_minute if caller.local else known.address_per_minute
        self._count(request, "address", caller.network, Policy("address", quota, MINUTE))

    def sign_in(self, request: Request, account: str) -> None:
        """Count an attempt to sign in, before the password is looked at."""
        address = Policy("sign-ins-address", self.settings.sign_ins_per_address, QUARTER)
        self._count(request, "sign-in-address", caller_of(request.scope).network, address)
        # What was typed is not kept, and a long name makes no long row.
        typed = hashlib.sha256(account.strip().casefold().encode(errors="replace")).hexdigest()
        tried = Policy("sign-ins-account", self.settings.sign_ins_per_account, QUARTER)
        self._count(request, "sign-in-account", typed, tried)

    def _count(self, request: Request, kind: str, who: str, *policies: Policy) -> None:
        verdicts: list[Verdict] = []
        for policy in policies:
            verdicts.append(self.limits.check(kind, who, policy))
            if not verdicts[-1].allowed:
                break
        headers = headers_of(verdicts)
        setattr(request.state, SAID, headers)
        if not verdicts[-1].allowed:
            raise failure(429, TOO_MANY, headers | {"Retry-After": str(verdicts[-1].reset_s)})
