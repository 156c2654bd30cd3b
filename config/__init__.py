"""The composition root. Importing it makes the Celery app the current one, so that shared tasks find their queue."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
