from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    WagtailImageField,
    get_rendition_upload_to,
    get_upload_to,
)
from wagtail.models import UploadedFile

from products.limits import Kind
from sites.content.models.limited import Limited
from sites.content.storage import SiteMedia


class MeasuredFile(Limited):
    """A file whose size counts as disk space. `file_size` always tells the size of `file`, in bytes."""

    limit_kind = Kind.DISK
    limit_field = "file"
    file: Any

    class Meta:
        abstract = True

    def more_to_use(self) -> int:
        """The bytes that saving adds: all of a new file, the difference when a file is replaced."""
        if not self.file:
            return 0
        if self.file._committed:  # noqa: SLF001 -- Django's only word for "this file lies in storage already"
            return 0
        rows: Any = type(self)._default_manager  # noqa: SLF001 -- Django's documented API
        before = 0 if self._state.adding else rows.values_list("file_size", flat=True).get(pk=self.pk)
        return int(self.file.size) - int(before or 0)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.file and not self.file._committed:  # noqa: SLF001 -- see above
            self.file_size = self.file.size
            self.file_hash = ""  # belongs to the file before
        super().save(*args, **kwargs)


class SiteImage(MeasuredFile, AbstractImage):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    file = WagtailImageField(
        verbose_name=_("file"),
        upload_to=get_upload_to,
        storage=SiteMedia(),
        width_field="width",
        height_field="height",
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):  # type: ignore[misc]  # see above
        verbose_name = _("image")
        verbose_name_plural = _("images")
        permissions = [("choose_image", "Can choose image")]

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> "ContentFile[bytes]":  # noqa: A002 -- Wagtail's
        """The image in another size, in memory; Wagtail would leave a temporary file open."""
        made = super().generate_rendition_file(filter, source=source)
        with made.file:
            made.file.seek(0)
            return ContentFile(made.file.read(), name=made.name)

    @property
    def default_alt_text(self) -> str:
        """What the image shows, or nothing: a file name read aloud helps nobody."""
        return str(self.description)


class FileSizeField(models.PositiveBigIntegerField):  # type: ignore[type-arg]  # Django cannot be asked at run time
    """The size of the row's `file`, in bytes, taken when the row is written; Wagtail writes many rows without
    `save`."""

    def pre_save(self, model_instance: Any, add: bool) -> int:  # noqa: ARG002, FBT001 -- Django's signature
        size = int(model_instance.file.size)
        setattr(model_instance, self.attname, size)
        return size


class SiteRendition(AbstractRendition):  # type: ignore[misc]  # Wagtail ships no types
    """A size of an image. It counts as disk space and is never refused: a visitor's page must not fail for
    it."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")
    file = WagtailImageField(
        upload_to=get_rendition_upload_to, storage=SiteMedia(), width_field="width", height_field="height"
    )
    file_size = FileSizeField(editable=False)

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class SiteDocument(MeasuredFile, AbstractDocument):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    file = models.FileField(verbose_name=_("file"), upload_to="documents", storage=SiteMedia())

    admin_form_fields = ("title", "file", "collection", "tags")

    class Meta(AbstractDocument.Meta):  # type: ignore[misc]  # see above
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        permissions = [("choose_document", "Can choose document")]


@receiver(pre_save, sender=UploadedFile)
def refuse_what_nothing_counts(**_: Any) -> None:
    """Wagtail keeps an upload whose other fields are wrong, beside the images and documents that are counted."""
    raise SuspiciousOperation("A file is counted as an image or a document, or not taken.")
