from django.urls import path

from memberships.views import webhooks

app_name = "memberships"
urlpatterns = [
    path("webhooks/stripe/", webhooks.stripe, name="stripe_webhook"),
]
