"""What every page of the network may show."""

from typing import Any

from django.http import HttpRequest

from accounts.network.live import name_of_the_network


def network(_request: HttpRequest) -> dict[str, Any]:
    return {"network_name": name_of_the_network}  # called where it is shown
