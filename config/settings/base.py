"""Settings every installation shares. What differs between machines comes from the environment (`.env.example`)."""

from importlib import import_module
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from config import logs

ROOT = Path(__file__).resolve().parents[2]
env = environ.Env()

SECRET_KEY = env("SECRET_KEY", default="")
DEBUG = env.bool("DEBUG", default=False)
ENVIRONMENT = env("SITEWRIGHT_ENV", default="production")

# Hosts. The network host serves account, billing and admin; sites live under another registrable domain in production.
NETWORK_NAME = env("NETWORK_NAME", default="Sitewright")
# As it is when it is shown, for settings of libraries: it may be another one at the desk (accounts.network.live).
NETWORK_NAME_NOW = lazy(lambda: import_module("accounts.network.live").name_of_the_network(), str)()
NETWORK_ORIGIN = env("NETWORK_ORIGIN", default="http://localhost:8000")
SITES_DOMAIN = env("SITES_DOMAIN", default="sites.localhost")
SITES_ORIGIN_PORT = env("SITES_ORIGIN_PORT", default="8000")
SITES_SCHEME = env("SITES_SCHEME", default="http")
SPARE_SITES = env.int(
    "SPARE_SITES", default=5
)  # schemas built ahead, for so many new sites at the same moment
SITES_ADDRESSES = env.list("SITES_ADDRESSES", default=[])  # where names of people's own must lead
DNS_SERVERS = env.list("DNS_SERVERS", default=[])  # who is asked; empty: whom the system asks
DOMAIN_QUARANTINE_DAYS = env.int("DOMAIN_QUARANTINE_DAYS", default=30)
ALLOWED_HOSTS = ["*"]  # sites.middleware knows the hosts from rows and answers 404 to any other

SHARED_APPS = [
    "config",  # before django_tenants: its `migrate` is ours
    "django_tenants",
    "accounts",
    "accounts.tokens",
    "accounts.legal",
    "accounts.network",
    "accounts.staff",
    "products",
    "memberships",
    "sites",
    "checkout",
    "checkout.hooks",
    "checkout.imports",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",  # before the library: its pages
    "import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",  # its template; it has no tables
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_structlog",
    "django_prometheus",
]
TENANT_APPS = [
    "accounts",
    "sites.content",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]

TENANT_MODEL = "sites.Site"
TENANT_DOMAIN_MODEL = "sites.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
# Shared PostgreSQL extensions live in these schemas. Not PG_EXTRA_SEARCH_PATHS: django-tenants would then query the
# database whenever a process starts, also for commands that need none.
EXTENSION_SCHEMAS = ["extensions"]
TENANT_LIMIT_SET_CALLS = True

# The web process keeps its connections (config.gunicorn says how many); prefork workers are quicker without a pool.
DATABASE_POOL = {
    "min_size": 1,
    "max_size": int(env("DATABASE_POOL", default="") or 0),
    "max_lifetime": 600,
    "timeout": 5,
}
DATABASES = {
    "default": {
        **env.db("DATABASE_URL", default="postgresql:///sitewright"),
        "ENGINE": "sites.postgresql",
        # Seconds. A pool keeps the connections itself; without one a worker keeps its own for a while.
        "CONN_MAX_AGE": 0 if DATABASE_POOL["max_size"] else 600,
        # A restart of PostgreSQL must cost no request. A pool's connections `sites.postgresql` looks at by itself.
        "CONN_HEALTH_CHECKS": not DATABASE_POOL["max_size"],
        "OPTIONS": {"pool": DATABASE_POOL} if DATABASE_POOL["max_size"] else {},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHE_URL = env(
    "CACHE_URL", default=f"{REDIS_URL.rsplit('/', 1)[0]}/1"
)  # clearing it must not empty the queue
CACHES = {
    "default": {
        "BACKEND": "config.cache.Cache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": f"{SITES_SCHEME}-{SITES_ORIGIN_PORT}",  # part of what Wagtail remembers of a site's addresses
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    },
    "network": {  # the same in every site
        "BACKEND": "config.cache.Cache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "network",
    },
}

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "accounts.network.middleware.OneLookMiddleware",
    "sites.middleware.SiteMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.UserLanguageMiddleware",
    "sites.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls_site"
PUBLIC_SCHEMA_URLCONF = "config.urls_network"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.network",
            ],
        },
    }
]

# Sign-in: e-mail and password on the network host only; second factor by choice.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# "optional" lets a new customer go on and holds their site back from visitors; "mandatory" lets nobody in before.
EMAIL_CONFIRMATION = ACCOUNT_EMAIL_VERIFICATION = env("EMAIL_CONFIRMATION", default="optional")
ACCOUNT_CHANGE_EMAIL = True  # one address, which another takes the place of once that is confirmed
ACCOUNT_FORMS = {"add_email": "accounts.forms.ChangeEmailForm"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a new password and the like: whoever did it was perhaps somebody else
ACCOUNT_RATE_LIMITS = {
    "contact_form": "10/10m/ip",
    "signup": "10/m/ip,60/d/ip",
    "sign_up_prices": "120/m/ip",
    "addresses": "120/m/user",
}  # beside allauth's own, for sign-in and the like
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
STAFF_NEED_SECOND_FACTOR = env.bool("STAFF_NEED_SECOND_FACTOR", default=True)  # to work at the network admin
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL = "/"

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"  # a row per session; Redis saves its query
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
        "img-src": [SELF, "data:"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds; who chose a language need not choose it again tomorrow
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
LOCALE_PATHS = [ROOT / "locale", ROOT / "locale" / "libraries"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / ".local" / "static"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(ROOT / ".local" / "media")))
ARCHIVE_ROOT = Path(
    env("ARCHIVE_ROOT", default=str(ROOT / ".local" / "archives"))
)  # sites as files; never served
RECYCLE_DAYS = env.int("RECYCLE_DAYS", default=30)  # so long can a deleted site be put back
STORAGES = {
    "default": {"BACKEND": "sites.content.storage.SiteMedia"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Seconds: a mail server that is silent must not hold a worker.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Sitewright <hello@sitewright.example>")

# Money
CURRENCY = env("CURRENCY", default="EUR")
PRICES_INCLUDE_TAX = env.bool("PRICES_INCLUDE_TAX", default=False)
QUOTE_LIFETIME_SECONDS = 15 * 60
ORDER_LIFETIME_SECONDS = 60 * 60
TRANSFER_LIFETIME_DAYS = env.int("TRANSFER_LIFETIME_DAYS", default=14)  # of an order that waits for one

# Who sells: printed on invoices and payment requests as it is on the day they are issued.
SELLER_NAME = env("SELLER_NAME", default=NETWORK_NAME)
SELLER_ADDRESS = env("SELLER_ADDRESS", default="").replace("\\n", "\n")
SELLER_COUNTRY = env("SELLER_COUNTRY", default="NL")
SELLER_VAT_NUMBER = env("SELLER_VAT_NUMBER", default="")
SELLER_IBAN = env("SELLER_IBAN", default="")  # empty: bank transfer is not offered
SELLER_BIC = env("SELLER_BIC", default="")

# The life of a membership, in days and hours
DUNNING_DAYS = env.list(
    "DUNNING_DAYS", cast=int, default=[0, 1, 3, 7]
)  # when a renewal is charged to the card
EXPIRE_AFTER_DAYS = env.int("EXPIRE_AFTER_DAYS", default=14)  # overdue for so long, a membership expires
GRACE_DAYS = env.int("GRACE_DAYS", default=14)  # so long are an ended membership's sites shown, then a notice
TRIALS_NEED_A_CARD = env.bool("TRIALS_NEED_A_CARD", default=False)
UNDO_HOURS = env.int("UNDO_HOURS", default=24)  # how long an upgrade can be undone

# Stripe: one adapter package reads these.
STRIPE_API_KEY = env("STRIPE_API_KEY", default="")
STRIPE_API_BASE = env("STRIPE_API_BASE", default="")  # empty: Stripe itself
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")

# Outgoing webhooks: hosts that may be anywhere, also on this machine or without TLS; all others must be public.
HOOKS_TRUSTED_HOSTS = env.list("HOOKS_TRUSTED_HOSTS", default=[])

# Celery: work, never truth. Sweeps rebuild whatever Redis loses.
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_PUBLISH_RETRY = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}

# Wagtail runs in site schemas only.
WAGTAIL_SITE_NAME = NETWORK_NAME_NOW
WAGTAILADMIN_BASE_URL = NETWORK_ORIGIN
WAGTAILIMAGES_IMAGE_MODEL = "content.SiteImage"
WAGTAILDOCS_DOCUMENT_MODEL = "content.SiteDocument"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "/enter/"
WAGTAIL_USAGE_COUNT_ENABLED = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

UNFOLD = {
    "SITE_TITLE": NETWORK_NAME_NOW,
    "SITE_HEADER": NETWORK_NAME_NOW,
    "SITE_SUBHEADER": _("Network admin"),
    "SITE_ICON": "config.admin_site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.admin_site.mark"}],
    "STYLES": ["config.admin_site.stylesheet"],
    "SCRIPTS": ["config.admin_site.script"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.admin_site.overview",
    "SIDEBAR": {"show_search": True, "navigation": "config.admin_site.navigation"},
    "COLORS": {  # the petrol of the network's own pages
        "primary": {
            "50": "oklch(97.5% .014 188)",
            "100": "oklch(94.5% .03 188)",
            "200": "oklch(89% .055 188)",
            "300": "oklch(82% .08 188)",
            "400": "oklch(74% .1 188)",
            "500": "oklch(60% .095 190)",
            "600": "oklch(45% .075 192)",
            "700": "oklch(40% .068 192)",
            "800": "oklch(35% .058 192)",
            "900": "oklch(30% .048 192)",
            "950": "oklch(22% .035 192)",
        }
    },
}

DJANGO_STRUCTLOG_CELERY_ENABLED = False
LOGGING = logs.configure(json=ENVIRONMENT == "production")

SENTRY_DSN = env("SENTRY_DSN", default="")
PROMETHEUS_EXPORT_MIGRATIONS = False
SILENCED_SYSTEM_CHECKS: list[str] = []
