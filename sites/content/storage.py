"""Where a site's files lie: `<media root>/<site's identifier>/`, by the schema the connection works in."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from sites.postgresql.base import current_schema

NETWORK_FOLDER = "network"


def media_folder() -> Path:
    """The folder of the current schema's files."""
    return folder_of(current_schema())


def folder_of(schema: str) -> Path:
    is_site = schema.startswith("site_")
    return Path(settings.MEDIA_ROOT) / (schema.removeprefix("site_") if is_site else NETWORK_FOLDER)


@deconstructible
class SiteMedia(FileSystemStorage):
    """Files of the current site. A name in two sites is two files, and neither can name the other's."""

    @property
    def base_location(self) -> str:
        return str(media_folder())

    @property
    def location(self) -> str:
        return str(media_folder().absolute())
