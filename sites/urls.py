"""Addresses on the network's host."""

from django.urls import path

from sites.views import enter, tls

app_name = "sites"
urlpatterns = [
    path("sites/<uuid:uid>/enter/", enter.enter, name="enter"),
    path("internal/tls/ask", tls.ask, name="tls_ask"),
]
