"""Rows that take a place within a limit: refused in the form with a way out, and under a lock when they are
written."""

from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from products.limits import Kind
from sites import entitlements
from sites.content.forms import LimitedCopyForm, LimitedPageForm
from sites.content.models.parked import Parked


class Limited(models.Model):
    """A row whose writing uses `more_to_use()` of `limit_kind`.

    `clean` refuses politely, for forms. `save` claims under the kind's lock, in the transaction of the write,
    and so also stops copies, imports and the writer who came a moment too late; it raises LimitReached.
    """

    limit_kind: ClassVar[Kind]
    limit_field: ClassVar[str] = NON_FIELD_ERRORS

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            more = self.more_to_use()
            if more > 0:
                entitlements.claim(self.limit_kind, more)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        more = self.more_to_use()
        reached = entitlements.refusal_of(self.limit_kind, more) if more > 0 else None
        if reached is None:
            return
        if self.limit_field == NON_FIELD_ERRORS:  # shown as text; the dashboard puts the way out beside it
            raise ValidationError(entitlements.explain(reached), code="limit_reached")
        message = entitlements.explain_with_way_out(reached)
        raise ValidationError({self.limit_field: ValidationError(message, code="limit_reached")})

    def more_to_use(self) -> int:
        """How much of the kind saving this row would take now."""
        return 1 if self._state.adding else 0


class LimitedPage(Limited):
    """A page that takes a place, unless it is parked. Publishing a parked one takes a place again."""

    base_form_class: ClassVar[type[LimitedPageForm]] = LimitedPageForm
    copy_form_class: ClassVar[type[LimitedCopyForm]] = LimitedCopyForm
    pk: Any
    live: bool

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        written = kwargs.get("update_fields")
        if not self._state.adding and self.live and (written is None or "live" in written):
            entitlements.hold(self.limit_kind)  # what is parked at this moment is parked before this looks
            if self.is_parked:
                entitlements.claim(self.limit_kind)
                self._parked().delete()
        super().save(*args, **kwargs)

    @property
    def is_parked(self) -> bool:
        """Whether the page is put away until there is room for it. One query."""
        return self._parked().exists()

    @property
    def status_string(self) -> str:
        """As the dashboard's lists show it."""
        return _("parked") if not self.live and self.is_parked else super().status_string  # type: ignore[misc]  # Page comes after

    def _parked(self) -> "models.QuerySet[Parked]":
        return Parked.objects.filter(kind=self.limit_kind, object_id=self.pk)
