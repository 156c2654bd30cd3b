"""The network's addresses, and beside them the views to compare with."""

from django.urls import path

from bench import views
from config.urls_network import urlpatterns as network

urlpatterns = [*network, path("bench/plain/", views.plain), path("bench/webhook/", views.webhook)]
