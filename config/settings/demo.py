"""`./run demo`: the production set-up on one machine over plain http, with demo data and the gateway double."""

from .base import *  # noqa: F403 -- a settings module is the one it extends, changed

ENVIRONMENT = "demo"
INSTALLED_APPS = [*INSTALLED_APPS, "config.demo"]  # noqa: F405 -- see above
SHARED_APPS = [*SHARED_APPS, "config.demo"]  # noqa: F405 -- see above
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = MEDIA_ROOT.with_name("mail")  # noqa: F405 -- see above
# Hashed names as in production, but not compressed: a first start need not wait for that.
STORAGES["staticfiles"] = {  # noqa: F405 -- see above
    "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
}

HOOKS_TRUSTED_HOSTS = ["localhost"]  # the demo's own receiver of webhooks

# A seller with an account, so that invoices look like invoices and bank transfers can be tried.
SELLER_NAME = "Sitewright B.V."
SELLER_ADDRESS = "Keizersgracht 100\n1015 CV Amsterdam"
SELLER_VAT_NUMBER = "NL004495445B01"
SELLER_IBAN = "NL91ABNA0417164300"
SELLER_BIC = "ABNANL2A"
# Whoever looks around is not held up; STAFF_NEED_SECOND_FACTOR=true shows how it is asked for.
STAFF_NEED_SECOND_FACTOR = env.bool("STAFF_NEED_SECOND_FACTOR", default=False)  # noqa: F405 -- see above
