from django.urls import path

from memberships.views import invoices, webhooks

app_name = "memberships"
urlpatterns = [
    path("invoices/<uuid:uid>.pdf", invoices.invoice, name="invoice_pdf"),
    path("webhooks/stripe/", webhooks.stripe, name="stripe_webhook"),
]
