"""An office's identity provider: Django with django-oauth-toolkit, people in groups, and one client.

`python -m tests.api.oidc.provider FOLDER serve PORT RETURN` starts it with a fresh database in FOLDER;
`… FOLDER groups NAME GROUP…` puts somebody into groups while it runs.
"""

import sys
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command

CLIENT_ID = "zhinan"
CLIENT_SECRET = "secret-of-the-client-qx"
PASSWORD = "provider password 7"
FORM = '<form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>'
PEOPLE = {
    "li.na": ("trainers",),
    "wang.wei": ("leaders", "trainers"),
    "zhao.min": ("canteen",),
    "admin": ("trainers",),
    "张伟": ("trainers",),
}


def main() -> None:
    """Do what the command line asks."""
    folder, command, *rest = sys.argv[1:]
    configure(Path(folder), int(rest[0]) if command == "serve" else 0)
    if command == "groups":
        join(rest[0], rest[1:])
        return
    call_command("migrate", verbosity=0)
    fill(rest[1])
    call_command("runserver", f"127.0.0.1:{rest[0]}", use_reloader=False, skip_checks=True)


def configure(folder: Path, port: int) -> None:
    """An ordinary Django site with a sign-in form and the toolkit under /o/."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="of this test alone",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.api.oidc.provider_urls",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"sign-in.html": FORM})]}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.sqlite"),
                               "OPTIONS": {"timeout": 20}}},
        # Argon2 and PBKDF2 at full strength only cost the tests time.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/accounts/login/",
        # Cookies of two servers on 127.0.0.1 must not meet.
        SESSION_COOKIE_NAME="provider-session",
        CSRF_COOKIE_NAME="provider-csrf",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem.decode(),
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OAUTH2_VALIDATOR_CLASS": "tests.api.oidc.provider_claims.Validator",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who you are", "profile": "your name and groups"},
        },
    )  # fmt: skip
    django.setup()


def fill(return_to: str) -> None:
    """People, their groups, and the client."""
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    for name, groups in PEOPLE.items():
        User.objects.create_user(name, password=PASSWORD)
        join(name, groups)
    Application.objects.create(
        name="Zhinan",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=return_to,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def join(name: str, groups: Any) -> None:
    """Put somebody into these groups and no others."""
    from django.contrib.auth.models import Group, User

    person = User.objects.get(username=name)
    person.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])


if __name__ == "__main__":
    main()
