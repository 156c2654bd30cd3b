"""A web process with the least that a request needs, and one of three ways to tell the sites apart: `BENCH_TENANCY`
is `ours`, `stock` (django-tenants as it comes), or `none` (plain Django)."""

import os

from bench.settings import *  # noqa: F403 -- a settings module is the one it extends, changed

TENANCY = os.environ["BENCH_TENANCY"]
ROOT_URLCONF = PUBLIC_SCHEMA_URLCONF = "bench.requests_urls"
MIDDLEWARE = [
    *{
        "ours": ["sites.middleware.SiteMiddleware"],
        "stock": ["django_tenants.middleware.main.TenantMainMiddleware"],
        "none": [],
    }[TENANCY],
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # allauth refuses to start without it
    *(["sites.middleware.AccessMiddleware"] if TENANCY == "ours" else []),
]
SHOW_PUBLIC_IF_NO_TENANT_FOUND = True  # stock's, so that it says on any host when it is ready
DATABASES["default"]["ENGINE"] = {  # noqa: F405 -- see above
    "ours": "sites.postgresql",
    "stock": "django_tenants.postgresql_backend",
    "none": "django.db.backends.postgresql",
}[TENANCY]
