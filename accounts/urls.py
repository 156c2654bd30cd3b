from django.urls import path

from accounts.views import choose_language

app_name = "accounts"
urlpatterns = [path("language/", choose_language, name="language")]
