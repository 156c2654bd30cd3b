from django.urls import path

from config.demo import design, mails, webhooks

urlpatterns = [
    path("design/", design.design, name="design"),
    path("mails/", mails.inbox, name="demo_mails"),
    path("mails/body/", mails.body, name="demo_mail_body"),
    path("mails/file/", mails.attachment, name="demo_mail_attachment"),
    path("webhooks/", webhooks.page, name="demo_webhooks"),
]
