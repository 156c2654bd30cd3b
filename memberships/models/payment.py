import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from stdnum.iso7064 import mod_97_10

from memberships.models.membership import Membership
from products.money_display import format_money

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O or U, which are misread


def new_reference() -> str:
    """A creditor reference of ISO 11649 with twelve random characters: RF, two check digits, the rest."""
    number = "".join(secrets.choice(ALPHABET) for _place in range(12))
    return f"RF{mod_97_10.calc_check_digits(number + 'RF')}{number}"


class Payment(models.Model):
    """An amount to be collected from a customer through a gateway, tried in one or more attempts."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        CLOSED = "closed", _("Closed unpaid")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="payments"
    )
    reference = models.CharField(
        _("reference"),
        max_length=25,
        unique=True,
        default=new_reference,
        editable=False,
        help_text=_("For bank transfers, as ISO 11649 writes it."),
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    purpose = models.CharField(_("purpose"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    captured = models.PositiveBigIntegerField(_("captured"), default=0)
    created_at = models.DateTimeField(_("created"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    failed_tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    next_try_at = models.DateTimeField(
        _("next try"), null=True, blank=True, help_text=_("When the saved card is charged again.")
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payment_collects_something"),
            models.CheckConstraint(
                condition=Q(state="paid", captured=F("amount")) | (~Q(state="paid") & Q(captured=0)),
                name="a_paid_payment_captured_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(settled_at__isnull=False), name="a_settled_payment_says_when"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(next_try_at=None), name="only_an_open_payment_is_tried_again"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="payments_to_try_again"
            ),
            models.Index(fields=["currency"], condition=Q(state="open"), name="payments_that_are_open"),
        ]

    def __str__(self) -> str:
        return f"{format_money(self.amount, self.currency)} ({self.get_state_display()})"

    def lock(self) -> None:
        """Re-read this payment and its membership under `FOR UPDATE`, the membership first. Must run in a
        transaction."""
        locked = Payment.objects.select_related("membership__customer__user").select_for_update(
            of=("membership", "self")
        )
        self.refresh_from_db(from_queryset=locked)
