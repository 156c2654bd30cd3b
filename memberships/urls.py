from django.urls import path

from memberships.webhooks import views as webhooks

app_name = "memberships"
urlpatterns = [
    path("webhooks/stripe/", webhooks.stripe, name="stripe_webhook"),
]
