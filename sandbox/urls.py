"""Addresses of the double."""

from django.urls import path, re_path

from sandbox import api, control, hosted

urlpatterns = [
    path("", hosted.home),
    path("pay/<str:ref>", hosted.pay),
    path("confirm/<str:ref>", hosted.confirm),
    path("receipts/<str:ref>", hosted.receipt),
    path("assets/pay.css", hosted.stylesheet),
    path("control/", control.state, name="control"),
    path("control/reset", control.reset),
    path("control/deliveries", control.list_deliveries, name="deliveries"),
    path("control/deliveries/flush", control.flush),
    path("control/sessions/<str:ref>/pay", control.pay),
    path("control/intents/<str:ref>/bank", control.answer_bank),
    path("control/refunds/<str:ref>/settle", control.settle_refund),
    path("control/payment_methods/<str:ref>", control.change_card),
    re_path(r"^v1/", api.answer),
]
