"""Settings of one installation: environment variables ZHINAN_…, read once by whoever starts a process."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where guides are read from, where builds go, and which encoder and writer are used."""

    model_config = SettingsConfigDict(env_prefix="ZHINAN_", frozen=True, extra="forbid")

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
    host: str = Field(default="127.0.0.1", description="Address the server listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the server listens on")
