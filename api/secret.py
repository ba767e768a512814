"""The secret of one installation: a file beside the data, from which every key is derived by its purpose.

It seals the audit trail, so it must not lie in the database that it guards; whoever backs up the one keeps
the other apart.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Secret:
    """32 random bytes; never shown."""

    value: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose; keys of two purposes tell nothing of each other (RFC 5869's use
        of HMAC as a pseudorandom function)."""
        return hmac.digest(self.value, purpose.encode(), hashlib.sha256)


def load_secret(file: Path) -> Secret:
    """The secret of this installation; made at the first call, readable by its owner alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(secrets.token_bytes(32))
            out.flush()
            os.fsync(out.fileno())
        try:
            # A link fails where the file has appeared meanwhile: the first worker's secret stands.
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    value = file.read_bytes()
    if len(value) != 32:
        raise ValueError(f"{file} holds {len(value)} bytes, a secret has 32")
    return Secret(value)
