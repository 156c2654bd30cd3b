"""A line of a file of memberships."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.imports.forms.fields import (
    AmountField,
    CodesField,
    Every,
    EveryField,
    MomentField,
    QuantitiesField,
    to_minor,
)
from checkout.imports.forms.row import Row
from memberships.countries import country_choices
from memberships.models import Membership
from memberships.operations.bring_in import Brought
from memberships.policies.vat import NotAVatNumber, vat_number
from products import currencies
from products.models import Price, Product
from sites.models.site import LONGEST_SITE_NAME, check_name

MONTHLY = Every(unit=Price.Unit.MONTH, count=1)
STATES = (
    Membership.State.ACTIVE,
    Membership.State.TRIALING,
    Membership.State.CANCELLED,
    Membership.State.EXPIRED,
)


class MembershipRow(Row):
    alone: ClassVar[tuple[str, ...]] = ("reference", "site_address")
    example: ClassVar[dict[str, str]] = {
        "reference": "4711", "email": "anna@example.com", "name": "Anna Vos", "country": "NL", "plan": "premium",
        "interval": "month", "price": "25.00", "packages": "extra-disk 2", "member_since": "2023-04-12",
        "next_renewal": "2027-01-12", "wallet": "5.00", "site_name": "Anna’s Garden", "site_address": "annas-garden",
    }  # fmt: skip

    reference = forms.CharField(
        max_length=80,
        help_text=gettext_lazy(
            "What the membership is called where it comes from. The same reference is brought in once, however often"
            " and in whatever file it comes."
        ),
    )
    email = forms.EmailField(
        max_length=254,
        help_text=gettext_lazy(
            "Who pays, and signs in with it. Somebody who has an account keeps it, with the details that are there;"
            " others ask for a password at the sign-in page."
        ),
    )
    name = forms.CharField(max_length=120, required=False, help_text=gettext_lazy("Their name."))
    language = forms.CharField(
        max_length=12, required=False, help_text=gettext_lazy("Of their mails and pages: en or nl.")
    )
    company = forms.CharField(max_length=120, required=False, help_text=gettext_lazy("As bills name it."))
    address = forms.CharField(
        max_length=400, required=False, help_text=gettext_lazy("As bills show it; it may have several lines.")
    )
    country = forms.CharField(
        max_length=2, required=False, help_text=gettext_lazy("Two letters (ISO 3166), such as NL.")
    )
    vat_number = forms.CharField(
        max_length=20,
        required=False,
        help_text=gettext_lazy("Of a business. It is checked by its own digits."),
    )
    plan = forms.CharField(max_length=60, help_text=gettext_lazy("The code of a plan that is here."))
    interval = EveryField(
        max_length=20,
        required=False,
        help_text=gettext_lazy("How often it is billed: month, year, 3 months; empty means month."),
    )
    currency = forms.CharField(
        max_length=3, required=False, help_text=gettext_lazy("Empty means the network's currency.")
    )
    price = AmountField(
        max_length=20,
        required=False,
        help_text=gettext_lazy(
            "What they pay for the plan per interval, as its prices are listed (with or without tax). Empty means"
            " today's price. Another amount is kept for them, as a price that is no longer sold."
        ),
    )
    packages = QuantitiesField(
        max_length=1000,
        required=False,
        help_text=gettext_lazy(
            "Codes of packages, at today's price, with semicolons between them and the number behind each:"
            " “extra-disk 2; unlimited-visits”."
        ),
    )
    state = forms.CharField(
        max_length=10,
        required=False,
        help_text=gettext_lazy(
            "active, trialing, cancelled or expired; empty means active. What has ended can come back by itself."
        ),
    )
    member_since = MomentField(required=False, help_text=gettext_lazy("Empty means the day of the import."))
    next_renewal = MomentField(
        required=False,
        help_text=gettext_lazy(
            "Of an active membership that costs something: until when it is paid. It is billed then, by itself, and"
            " never before."
        ),
    )
    period_start = MomentField(
        required=False,
        help_text=gettext_lazy("Since when the paid period runs; empty means one interval before its end."),
    )
    trial_end = MomentField(
        required=False, help_text=gettext_lazy("Of a trial: when it ends, and is billed for the first time.")
    )
    ended_on = MomentField(
        required=False, help_text=gettext_lazy("Of one that has been cancelled or has expired: since when.")
    )
    wallet = AmountField(
        max_length=20,
        required=False,
        help_text=gettext_lazy("Credit that they bring along, for their next bills."),
    )
    site_name = forms.CharField(
        max_length=LONGEST_SITE_NAME,
        required=False,
        help_text=gettext_lazy("Makes a site with this name. Its content is not part of the import."),
    )
    site_address = forms.CharField(
        max_length=40,
        required=False,
        help_text=gettext_lazy("The first part of the site's address on the network."),
    )
    domains = CodesField(
        max_length=2000,
        required=False,
        help_text=gettext_lazy(
            "Names of the site's own, with semicolons between them. Each waits for its proof in the DNS."
        ),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"])
        if language and language not in dict(settings.LANGUAGES):
            raise ValidationError(_("The network does not speak this language."))
        return language

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).upper()
        if country and country not in dict(country_choices()):
            raise ValidationError(_("There is no such country. Write its two letters, such as NL."))
        return country

    def clean_vat_number(self) -> str:
        try:
            return vat_number(self.cleaned_data["vat_number"], country=self.cleaned_data.get("country", ""))
        except NotAVatNumber:
            raise ValidationError(_("This is not a VAT number of the country.")) from None

    def clean_plan(self) -> Product:
        plan = (
            Product.objects.plans().select_related("tax_rate").filter(code=self.cleaned_data["plan"]).first()
        )
        if plan is None:
            raise ValidationError(_("There is no plan with this code. Import the products first."))
        return plan

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper() or settings.CURRENCY
        if currency not in currencies.known():
            raise ValidationError(_("There is no such currency. Write its three letters, such as EUR."))
        return currency

    def clean_state(self) -> str:
        state = str(self.cleaned_data["state"]).lower() or Membership.State.ACTIVE
        if state not in STATES:
            raise ValidationError(_("Write active, trialing, cancelled or expired."))
        return state

    def clean_site_address(self) -> str:
        slug = str(self.cleaned_data["site_address"]).lower()
        if slug:
            check_name(slug)
        return slug

    def clean(self) -> dict[str, Any]:
        self._check_amounts()
        self._check_site()
        if {"state", "plan"} <= self.cleaned_data.keys() and not self.errors:
            self._check_packages()
        if not self.errors:
            self._check_dates()
        return self.cleaned_data

    def _check_amounts(self) -> None:
        for column in ("price", "wallet"):
            if self.cleaned_data.get(column) is not None and "currency" in self.cleaned_data:
                try:
                    self.cleaned_data[column] = to_minor(
                        self.cleaned_data[column], self.cleaned_data["currency"]
                    )
                except ValidationError as error:
                    self.refuse(column, error.messages[0])
        if not {"plan", "interval", "currency", "price"} <= self.cleaned_data.keys():
            return
        if self.cleaned_data["price"] is None and self._price_of(self.cleaned_data["plan"]) is None:
            self.refuse(
                "price", _("The plan has no price for this interval and currency. Say what they pay.")
            )

    def _check_site(self) -> None:
        together = _("A site needs a name and an address.")
        if self.cleaned_data.get("site_name") or self.cleaned_data.get("domains"):
            self.require(together, "site_address")
        if self.cleaned_data.get("site_address"):
            self.require(together, "site_name")

    def _check_packages(self) -> None:
        wanted = self.cleaned_data["packages"]
        known = Product.objects.filter(type=Product.Type.PACKAGE, code__in=wanted)
        self.known_packages = {product.code: product for product in known.select_related("tax_rate")}
        for code in wanted:
            if code not in self.known_packages:
                self.refuse("packages", _("There is no package “%(code)s”.") % {"code": code})
            elif self._price_of(self.known_packages[code]) is None:
                sentence = _("“%(code)s” has no price for this interval and currency.")
                self.refuse("packages", sentence % {"code": code})

    def _check_dates(self) -> None:
        state, later = (
            self.cleaned_data["state"],
            _("This has gone by. Write the day on which the next bill is due."),
        )
        if state in Membership.ENDED:
            self.require(_("Say since when it has ended."), "ended_on")
            sentence = _("This is for memberships that go on. Leave it empty.")
            self.refuse_if_given(sentence, "next_renewal", "trial_end", "period_start", "site_address")
        else:
            self.refuse_if_given(_("This is for memberships that have ended. Leave it empty."), "ended_on")
        if state == Membership.State.TRIALING:
            self.require(_("Say when the trial ends."), "trial_end")
            self.refuse_if_given(
                _("A trial is billed when it ends. Leave it empty."), "next_renewal", "period_start"
            )
        elif state == Membership.State.ACTIVE:
            self.refuse_if_given(_("This is for trials. Leave it empty."), "trial_end")
            self._check_renewal()
        for column in ("next_renewal", "trial_end"):
            moment = self.cleaned_data.get(column)
            if moment and moment <= self.now:
                self.refuse(column, later)
        for column in ("member_since", "period_start", "ended_on"):
            moment = self.cleaned_data.get(column)
            if moment and moment > self.now:
                self.refuse(column, _("This is still to come."))

    def _check_renewal(self) -> None:
        if self.costs_nothing:
            sentence = _("What costs nothing is not renewed. Leave it empty.")
            self.refuse_if_given(sentence, "next_renewal", "period_start")
        else:
            self.require(_("Say until when it is paid: it is billed then."), "next_renewal")
        start, end = self.cleaned_data.get("period_start"), self.cleaned_data.get("next_renewal")
        if start and end and start >= end:
            self.refuse("period_start", _("The period must begin before the next renewal."))

    # What the columns say together

    @property
    def every(self) -> Every:
        return self.cleaned_data["interval"] or MONTHLY

    def _price_of(self, product: Product) -> Price | None:
        every = self.every
        return (
            Price.objects.current()
            .filter(
                product=product,
                currency=self.cleaned_data["currency"],
                interval_unit=every.unit,
                interval_count=every.count,
            )
            .first()
        )

    @property
    def costs_nothing(self) -> bool:
        return not any(brought.amount for brought in self.brought())

    def brought(self) -> Iterator[Brought]:
        """The plan and the packages, each with what is paid for one per interval, in minor units."""
        amount = self.cleaned_data["price"]
        plan: Product = self.cleaned_data["plan"]
        listed = self._price_of(plan)
        yield Brought(product=plan, amount=listed.amount if amount is None and listed else amount, quantity=1)
        for code, quantity in self.cleaned_data["packages"].items():
            price = self._price_of(self.known_packages[code])
            assert price is not None, "a package without a price was refused"
            yield Brought(product=self.known_packages[code], amount=price.amount, quantity=quantity)
