"""Addresses on the network's host."""

from django.urls import path

from sites.views import enter

app_name = "sites"
urlpatterns = [
    path("sites/<uuid:uid>/enter/", enter.enter, name="enter"),
]
