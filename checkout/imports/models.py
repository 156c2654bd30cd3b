"""A file that is brought in, its rows and what becomes of each."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from memberships.models import Membership
from products.models import Product


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def under_way(self) -> Self:
        """Jobs that a worker should be at."""
        return self.filter(state__in=[ImportJob.State.CHECKING, ImportJob.State.RUNNING])

    def with_counts(self) -> Self:
        """Annotate how many rows are in each state, as `count_` and the state's name."""
        return self.annotate(
            **{
                f"count_{state.value}": Count("rows", filter=Q(rows__state=state))
                for state in ImportRow.State
            }
        )

    def finished_before(self, at: datetime) -> Self:
        return self.filter(finished_at__lt=at)


class ImportJob(models.Model):
    """A file of products or memberships: first every row is tried and undone again, then those that are right are
    brought in, one by one, each once."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", _("Products")
        MEMBERSHIPS = "memberships", _("Memberships")

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Done")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    file_name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked for"))
    begun_at = models.DateTimeField(_("import begun"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-asked_at", "-pk"]
        permissions = [("run_imports", _("Can import products and memberships from files"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done") ^ Q(finished_at=None), name="an_import_is_finished_or_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.file_name}"


class ImportRow(models.Model):
    """One line of the file. `values` holds what was typed by column, `errors` what is wrong with it by column."""

    class State(models.TextChoices):
        NEW = "new", _("Not checked yet")
        RIGHT = "right", _("Ready to import")
        REFUSED = "refused", _("Refused")
        KNOWN = "known", _("Here already")
        DONE = "done", _("Imported")

    job = models.ForeignKey(
        ImportJob, verbose_name=_("import"), on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    line = models.PositiveIntegerField(
        _("line"), help_text=_("In the file; the names of the columns are line 1.")
    )
    values = models.JSONField(_("values"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    errors = models.JSONField(_("errors"), default=dict, blank=True)
    product = models.ForeignKey(
        Product, verbose_name=_("product"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    membership = models.ForeignKey(
        Membership,
        verbose_name=_("membership"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["job", "line"]
        constraints = [
            models.UniqueConstraint(fields=["job", "line"], name="a_line_of_a_file_is_one_row"),
            models.CheckConstraint(
                condition=Q(state="refused") ^ Q(errors={}), name="a_refused_row_says_what_is_wrong"
            ),
        ]
        indexes = [models.Index(fields=["job", "state", "line"], name="import_rows_by_state")]

    def __str__(self) -> str:
        return f"{self.job.file_name}: {self.line}"


class ImportedMembership(models.Model):
    """What a membership was called where it came from. The same one is never brought in twice, by whatever file."""

    reference = models.CharField(_("reference"), max_length=80, unique=True)
    membership = models.OneToOneField(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="came_from"
    )
    imported_at = models.DateTimeField(_("imported"))

    class Meta:
        verbose_name = _("imported membership")
        verbose_name_plural = _("imported memberships")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.reference
