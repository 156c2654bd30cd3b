from django.urls import path
from django.views.generic import RedirectView

from accounts import profile, views

app_name = "accounts"
urlpatterns = [
    path("language/", views.choose_language, name="language"),
    path("profile/", profile.page, name="profile"),
    path("confirm-again/", views.confirm_again, name="confirm_again"),
    # in front of allauth's own, at the same addresses
    path("auth/email/", views.email_page),
    path("auth/signup/", RedirectView.as_view(pattern_name="checkout:sign_up", query_string=True)),
]
