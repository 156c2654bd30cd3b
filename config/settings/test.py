"""Tests: real PostgreSQL, Valkey and gateway double; cheap passwords, mails in memory, files in a throw-away folder."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SITEWRIGHT_ENV", "test")

from .base import *  # noqa: F403 -- the environment is set first; a settings module is the one it extends

ENVIRONMENT = "test"
SECRET_KEY = "tests-only"  # noqa: S105 -- protects nothing but throw-away databases
INSTALLED_APPS = [*INSTALLED_APPS, "config.demo"]  # noqa: F405 -- see above
SHARED_APPS = [*SHARED_APPS, "config.demo"]  # noqa: F405 -- see above
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "sites.content.storage.SiteMedia"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = Path(
    tempfile.mkdtemp(prefix="sitewright-test-static-")
)  # WhiteNoise warns of a folder that is not there
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"sitewright-test-media-{os.getpid()}"
STRIPE_API_KEY = "sk_test_double"
STRIPE_WEBHOOK_SECRET = "whsec_tests"  # noqa: S105 -- shared with the double that the tests start
STAFF_NEED_SECOND_FACTOR = False  # but where a test is about it
