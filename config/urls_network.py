"""The network host: account, billing, admin, webhooks. Customers' sites have `config.urls_site`."""

from django.conf import settings
from django.urls import include, path

from checkout.api import v1
from checkout.views.shop_window import home
from config import views
from config.admin_site import admin_urls

urlpatterns = [
    path("", home, name="home"),
    path("", include("accounts.urls")),
    path("", include("accounts.tokens.urls")),
    path("", include("accounts.legal.urls")),
    path("", include("checkout.urls")),
    path("api/v1/", v1.urls),
    path("", include("memberships.urls")),
    path("", include("sites.urls")),
    path("auth/", include("allauth.urls")),
    path("admin/", admin_urls()),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("django_prometheus.urls")),
]
if settings.ENVIRONMENT in {"demo", "test", "dev"}:
    urlpatterns.append(path("demo/", include("config.demo.urls")))
