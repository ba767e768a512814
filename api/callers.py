"""Where a request comes from: the address that is counted, and whether it is this machine itself.

Uvicorn has put the address of a trusted proxy's client into the scope already (setting `trusted_proxies`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

_FORWARDED = frozenset({b"x-forwarded-for", b"forwarded"})
_IPV6_HOME = 64
_NOWHERE = "-"


@dataclass(frozen=True)
class Caller:
    """Who is counted; `local` is a program on this machine, which speaks for itself or for its operator."""

    network: str
    local: bool


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """The caller of a request."""
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if any(name in _FORWARDED for name, _ in scope["headers"]):
        # A proxy spoke for somebody, who is never the operator, whatever he calls himself.
        return Caller(network_of(address), local=False)
    return Caller(network_of(address), is_loopback(address) or network_of(address) == _NOWHERE)


@lru_cache(4096)
def network_of(address: str) -> str:
    """What is counted as one: an IPv4 address, the /64 of an IPv6 address, or all that is neither."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _IPV6_HOME), strict=False))
    return str(found) if found else _NOWHERE


@lru_cache(4096)
def is_loopback(address: str) -> bool:
    """Whether the address is this machine's own."""
    found = _parsed(address)
    return found is not None and found.is_loopback


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
