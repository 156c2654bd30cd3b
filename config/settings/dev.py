"""A developer's machine: errors in the browser, files served as they are."""

from .base import *  # noqa: F403 -- a settings module is the one it extends, changed

DEBUG = True
ENVIRONMENT = "dev"
SECRET_KEY = SECRET_KEY or "only-for-this-machine"  # noqa: F405 -- see above
STORAGES = {
    "default": {"BACKEND": "sites.content.storage.SiteMedia"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STAFF_NEED_SECOND_FACTOR = False
