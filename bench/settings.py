"""The demo's settings, and the views and tasks to compare with."""

from config.settings.demo import *  # noqa: F403 -- a settings module is the one it extends, changed

INSTALLED_APPS = [*INSTALLED_APPS, "bench"]  # noqa: F405 -- see above
PUBLIC_SCHEMA_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
