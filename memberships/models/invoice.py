import uuid
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from memberships.models.item import MembershipItem
from memberships.models.membership import Membership
from memberships.models.payment import Payment
from memberships.models.transfer import MembershipTransfer
from memberships.story import headline
from products.models import Product


class InvoiceCounter(models.Model):
    """The last invoice number of a year. Locked while an invoice is issued, so the numbers have no gaps."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def owned_by(self, user: Any) -> Self:
        """The documents that `user` was billed with; fetching through this is authorising. Those of before a membership
        passed on stay with who had it then."""
        transfers = MembershipTransfer.objects.order_by("at", "id")
        had = transfers.filter(came_from__user=user).order_by()
        theirs = (
            Membership.objects.filter(customer__user=user)
            .order_by()
            .values("pk")
            .union(had.values("membership"))
        )
        later = transfers.filter(membership=OuterRef("membership"), at__gt=OuterRef("issued_at"))
        billed = Coalesce(
            Subquery(later.values("came_from__user")[:1]),
            F("membership__customer__user"),
            output_field=models.BigIntegerField(),
        )
        return self.filter(membership__in=theirs).alias(billed=billed).filter(billed=user.pk)


class Invoice(models.Model):
    """A bill as it was issued, in minor units. The database refuses to change or delete it, or its lines, and lets in
    only lines that add up to it (see the migrations).

    A credit note gives money back: its total is below zero. `corrects` is the document that this one takes back, in
    whole or in part; a credit note without one is a change that came to less than nothing.
    """

    class Type(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=20, unique=True)
    type = models.CharField(_("type"), max_length=12, choices=Type, default=Type.INVOICE)
    corrects = models.ForeignKey(
        "self",
        verbose_name=_("corrects"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    membership = models.ForeignKey(
        Membership, verbose_name=_("membership"), on_delete=models.PROTECT, related_name="invoices"
    )
    payment = models.OneToOneField(
        Payment,
        verbose_name=_("payment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="invoice",
    )
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20)
    came_from = models.CharField(_("from"), max_length=80, blank=True)
    went_to = models.CharField(_("to"), max_length=240, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    net = models.BigIntegerField(_("net"))
    tax = models.BigIntegerField(_("tax"))
    wallet_used = models.BigIntegerField(_("from the wallet"), default=0)
    wallet_added = models.BigIntegerField(_("to the wallet"), default=0)
    refunded = models.PositiveBigIntegerField(_("refunded"), default=0)
    due = models.PositiveBigIntegerField(_("due"))
    reverse_charge = models.BooleanField(_("reverse charge"), default=False)
    seller_name = models.CharField(_("seller"), max_length=200, blank=True)
    seller_details = models.TextField(_("seller details"), blank=True)
    customer_name = models.CharField(_("customer name"), max_length=200)
    customer_details = models.TextField(_("customer details"), blank=True)
    issued_at = models.DateTimeField(_("issued"))

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due=F("net") + F("tax") - F("wallet_used") + F("wallet_added") + F("refunded")),
                name="an_invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(due=0) | Q(payment__isnull=False),
                name="an_invoice_with_money_due_has_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(reverse_charge=False) | Q(corrects__isnull=False) | Q(tax__lte=0),
                name="a_reverse_charge_asks_no_tax",
            ),
            models.CheckConstraint(
                condition=Q(type="credit_note", net__lt=-F("tax")) | Q(type="invoice", net__gte=-F("tax")),
                name="a_credit_note_is_below_zero_and_an_invoice_is_not",
            ),
        ]
        indexes = [models.Index(fields=["issued_at"], include=["currency", "net"], name="invoices_by_day")]

    def __str__(self) -> str:
        return self.number

    @property
    def headline(self) -> str:
        """What the bill is for, in the active language."""
        return headline(kind=self.kind, came_from=self.came_from, went_to=self.went_to)

    @property
    def total(self) -> int:
        return self.net + self.tax


class InvoiceLine(models.Model):
    """A line of an invoice. The lines of a membership item over its running period say what was really paid for it."""

    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="lines",
        db_index=False,  # see the index below
    )
    item = models.ForeignKey(
        MembershipItem,
        verbose_name=_("membership item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="invoice_lines",
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="+"
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name=_("corrects"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    type = models.CharField(_("type"), max_length=12)
    description = models.CharField(_("description"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    gross = models.BigIntegerField(_("gross"))
    discount = models.BigIntegerField(_("discount"), default=0)
    net = models.BigIntegerField(_("net"))
    tax = models.BigIntegerField(_("tax"))
    tax_percent = models.DecimalField(_("tax percent"), max_digits=7, decimal_places=4, default=0)
    covers_start = models.DateTimeField(_("from"), null=True, blank=True)
    covers_end = models.DateTimeField(_("until"), null=True, blank=True)
    explanation = models.JSONField(_("explanation"), default=dict)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ["id"]
        indexes = [models.Index(fields=["invoice"], include=["product", "net"], name="lines_by_invoice")]

    def __str__(self) -> str:
        return self.description
