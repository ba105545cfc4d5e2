"""Django made ready for the models of the rooms that have any, once per process, without any
database yet. Whatever defines models imports this, so that modules can be imported in any order."""

import django
from django.conf import settings

APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "lettershop.access",
    "lettershop.cluster",
    "lettershop.segments",
    "lettershop.content",
    "lettershop.delivery",
    "lettershop.compliance",
    "lettershop.campaigns",
)
HASHERS = (
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
)
"""scrypt first: it costs an attacker memory as well as time (its defaults are OWASP's)."""

LEAST = 10
"""Characters of a password."""

VALIDATORS = (
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": LEAST},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
)

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=list(APPS),
        AUTH_USER_MODEL="access.User",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=list(HASHERS),
        AUTH_PASSWORD_VALIDATORS=list(VALIDATORS),
        USE_TZ=True,
        TIME_ZONE="UTC",
        LANGUAGE_CODE="en",
        USE_I18N=True,
        LANGUAGES=[("en", "English"), ("de", "Deutsch")],
        LOGGING_CONFIG=None,  # logs are the server's own (structlog)
    )
    django.setup()
