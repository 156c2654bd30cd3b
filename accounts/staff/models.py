"""Who works for the network and as what, and what they changed."""

import uuid
from typing import ClassVar, Final, Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Role(models.TextChoices):
    """The roles that every network has, by the name of their group. `config.roles` says what each may do."""

    OWNER = "Owner", _("Owner")
    SUPPORT = "Support", _("Support")
    FINANCE = "Finance", _("Finance")
    READ_ONLY = "Read-only", _("Read-only")


ABOUT: Final = {
    Role.OWNER: _("May do everything, and decides who works here."),
    Role.SUPPORT: _(
        "Helps customers: their memberships, credit, limits and sites. Visits sites as their owner."
    ),
    Role.FINANCE: _("Looks after money: transfers, refunds, credit, discount codes and tax rates."),
    Role.READ_ONLY: _("Sees everything and changes nothing."),
}


def role_label(group: Group) -> str:
    """A role's name in the reader's language, as far as it is one of ours."""
    return str(Role(group.name).label) if group.name in Role else group.name


class StaffQuerySet(models.QuerySet["StaffMember"]):
    def working(self) -> Self:
        return self.filter(is_staff=True, is_active=True)

    def owners(self) -> Self:
        """Those who may do everything: by their role, or made at the command line."""
        owner = Group.objects.filter(name=Role.OWNER)
        return self.working().filter(Q(is_superuser=True) | Q(groups__in=owner)).distinct()


class StaffManager(models.Manager["StaffMember"]):
    def get_queryset(self) -> StaffQuerySet:
        return StaffQuerySet(self.model, using=self._db).filter(is_staff=True)

    def owners(self) -> StaffQuerySet:
        return self.get_queryset().owners()


class StaffMember(User):  # type: ignore[django-manager-missing]  # Wagtail's media have no types
    """A user who works for the network. The permissions of this model are those to decide about colleagues."""

    objects: ClassVar[StaffManager] = StaffManager()  # type: ignore[assignment]  # it makes none

    class Meta:
        proxy = True
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["email"]

    @property
    def is_owner(self) -> bool:
        return self.is_superuser or any(group.name == Role.OWNER for group in self.groups.all())


class StaffAction(models.Model):
    """One thing that somebody of the staff did at the desk, with the rows that it changed. Written by the database."""

    uid = models.UUIDField(_("identifier"), primary_key=True, default=uuid.uuid4, editable=False)
    actor = models.ForeignKey(
        User, verbose_name=_("who"), on_delete=models.DO_NOTHING, related_name="staff_actions"
    )
    at = models.DateTimeField(_("when"))
    page = models.CharField(_("page"), max_length=120)
    """The name of the page's address at the desk, such as `memberships_membership_adjust_wallet`."""
    chosen = models.CharField(_("action"), max_length=120, blank=True)
    """The action that was chosen in a list."""

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-uid"]
        indexes = [models.Index(fields=["-at", "-uid"], name="staff_actions_by_time")]

    def __str__(self) -> str:
        return f"{self.actor}, {self.page}"


class StaffChange(models.Model):
    """A row as it was before and after. Written by the database, never changed."""

    class Done(models.TextChoices):
        ADDED = "INSERT", _("Added")
        CHANGED = "UPDATE", _("Changed")
        REMOVED = "DELETE", _("Removed")

    action = models.ForeignKey(
        StaffAction, verbose_name=_("action"), on_delete=models.PROTECT, related_name="changes"
    )
    table = models.CharField(_("table"), max_length=63)
    row = models.CharField(_("row"), max_length=64)
    done = models.CharField(_("done"), max_length=6, choices=Done)
    fields = models.JSONField(_("fields"))
    """For each column that differs what it was and what it became, as the database has them."""

    class Meta:
        verbose_name = _("changed row")
        verbose_name_plural = _("changed rows")
        ordering = ["pk"]
        indexes = [models.Index(fields=["table", "row"], name="staff_changes_by_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
