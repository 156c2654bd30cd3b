from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """The composition root as an app: it registers the network's system checks."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401 -- importing registers them
