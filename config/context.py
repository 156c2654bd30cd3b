"""What every page of the network may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def network(_request: HttpRequest) -> dict[str, Any]:
    return {"network_name": settings.NETWORK_NAME}
