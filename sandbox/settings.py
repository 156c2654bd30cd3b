"""Settings of the double's process. `python -m sandbox` fills the environment before Django reads this."""

import os
import secrets
from pathlib import Path

DATA = Path(os.environ["SANDBOX_DATA"])
BASE_URL = os.environ["SANDBOX_BASE_URL"]
API_KEY = os.environ["SANDBOX_API_KEY"]
RETURN_HOSTS = tuple(filter(None, os.environ.get("SANDBOX_RETURN_HOSTS", "").split(",")))

SECRET_KEY = secrets.token_urlsafe(32)  # nothing is signed with it: there are no sessions and no cookies
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["sandbox"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]  # checks the Host header
ROOT_URLCONF = "sandbox.urls"
APPEND_SLASH = False
USE_TZ = True
USE_I18N = False
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "sandbox.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # refused requests are the double's daily work, not news
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "CRITICAL", "propagate": False},
    },
}
