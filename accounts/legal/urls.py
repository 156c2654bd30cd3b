from datetime import date

from django.urls import path, register_converter

from accounts.legal.views import page


class DayConverter:
    """A day as in 2026-03-17."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Raises ValueError for a day that no calendar has: then the address is none."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")
app_name = "legal"
urlpatterns = [
    path("legal/<slug:kind>/", page, name="page"),
    path("legal/<slug:kind>/<day:day>/", page, name="version"),
]
