from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """The composition root as an app: it registers the network's system checks."""

    name = "config"
    label = "config"

    def ready(self) -> None:
        # Importing registers the checks and metrics, and makes our Celery app the one that shared tasks use.
        from config import celery, checks, metrics  # noqa: F401 -- see above
