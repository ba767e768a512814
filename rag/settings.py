"""Settings of one installation: environment variables ZHINAN_…, read once by whoever starts a process."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Where guides are read from, where builds go, and which encoder and writer are used."""

    model_config = SettingsConfigDict(
        env_prefix="ZHINAN_", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    docs: Path = Field(default=ROOT / "docs", description="Folder of guides: <lang>/<audience>/…/<id>.md")
    out: Path = Field(default=ROOT / "var" / "generations", description="Folder that holds the generations")
    models: Path = Field(default=ROOT / "var" / "models", description="Folder of converted encoders")
    cache: Path = Field(default=ROOT / "var" / "vectors.sqlite", description="Cache of passage vectors")
    embedder: str = Field(default="pair", description="pair, e5-small, or package.module:Class of LlamaIndex")
    writer: Literal["extractive"] = Field(default="extractive", description="How answers are written")
    database: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'zhinan.sqlite'}", description="SQLAlchemy address of the store"
    )
    secret: Path = Field(
        default=ROOT / "var" / "secret.key",
        description="Secret of this installation; keep it apart from backups",
    )
    question_days: int = Field(default=180, ge=1, le=366, description="Days that texts of people are kept")
    log_days: int = Field(
        # Six months are the least that the Cybersecurity Law (article 21) allows for logs.
        default=365,
        ge=183,
        le=3660,
        description="Days that the audit trail and rows without texts are kept",
    )
    session_hours: int = Field(default=12, ge=1, le=24, description="Hours after which a session ends")
    idle_minutes: int = Field(default=30, ge=1, le=240, description="Minutes unused after which it ends")
    public_url: str | None = Field(
        default=None, pattern=r"^https?://[^/?#]+$", description="Address under which people reach the server"
    )
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^@?#\s]{1,130}$",
        description="Issuer of the office's OpenID provider; none means local accounts alone",
    )
    oidc_client_id: str | None = Field(default=None, min_length=1, description="Client id at the provider")
    oidc_client_secret: SecretStr | None = Field(default=None, description="Client secret at the provider")
    oidc_scope: str = Field(
        default="openid profile", pattern=r"^openid( \S+)*$", description="Scopes asked of the provider"
    )
    oidc_rules: Path | None = Field(
        default=None, description="File that says who of those the provider knows may read what"
    )
    host: str = Field(default="127.0.0.1", description="Address the server listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on")
    trusted_proxies: str = Field(
        default="127.0.0.1,::1", description="Addresses and networks whose X-Forwarded-For is believed"
    )
    connections: int = Field(default=4096, ge=1, description="Open connections of a process")
    connections_per_address: int = Field(default=128, ge=1, description="Those of one address; loopback ×16")
    head_seconds: float = Field(default=10, gt=0, description="Time for a request's head to be complete")
    body_seconds: float = Field(default=15, gt=0, description="Time for a request's body to be complete")
    send_seconds: float = Field(default=30, gt=0, description="Time for a client to take what was written")
    queue: int = Field(default=256, ge=0, description="Questions that wait for their turn in a process")
    streams_per_address: int = Field(
        default=32, ge=1, description="Streams at once of one address; loopback ×32"
    )
    counters: Path | None = Field(
        default=None, description="File of the rate limits; beside the store if unset"
    )
    address_per_minute: int = Field(
        default=120, ge=1, description="Requests of an address without key or session"
    )
    sign_ins_per_account: int = Field(default=10, ge=1, description="Attempts at an account in 15 minutes")
    sign_ins_per_address: int = Field(default=30, ge=1, description="Attempts from an address in 15 minutes")
    local_per_minute: int = Field(default=12000, ge=1, description="Requests of this machine's own programs")

    @field_validator("trusted_proxies")
    @classmethod
    def _name_proxies(cls, value: str) -> str:
        """Each proxy is named: whoever is believed unnamed can call himself by any address."""
        for part in value.split(","):
            if ip_network(part.strip()).prefixlen == 0:
                raise ValueError("a network of all addresses is no proxy")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_private_way(cls, issuer: str | None) -> str | None:
        if issuer and not issuer.startswith("https://") and urlsplit(issuer).hostname not in _LOOPBACK:
            raise ValueError("the issuer must be https, or on this machine")
        return issuer

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        needed = (self.oidc_client_id, self.oidc_client_secret, self.oidc_rules, self.public_url)
        if self.oidc_issuer and not all(needed):
            raise ValueError(
                "oidc_issuer needs oidc_client_id, oidc_client_secret, oidc_rules and public_url beside it"
            )
        return self
