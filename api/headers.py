"""The headers that every response carries, and why each may be as strict as it is."""

from api.identity import is_https
from rag.settings import Settings

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    # No script turns text into markup: our own set text and build elements.
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
_UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
CREDENTIALS = ("X-API-Key", "Cookie")
"""Who asks decides what comes back, so no cache may give one reader's answer to another."""

ALWAYS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # For browsers that know no frame-ancestors.
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Vary": ", ".join(CREDENTIALS),
}
NEVER_STORED = {"Cache-Control": "private, no-store"}
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


def headers_for(settings: Settings) -> dict[str, str]:
    """The headers of an installation; over https browsers are told to stay there."""
    return {**ALWAYS, **(_HSTS if is_https(settings) else {})}
