from django.urls import path

from accounts.tokens import views

app_name = "tokens"
urlpatterns = [
    path("account/tokens/", views.page, name="page"),
    path("account/tokens/<uuid:uid>/revoke/", views.revoke, name="revoke"),
]
