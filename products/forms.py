"""What the network admin types about products, turned into what the models hold: minor units, bytes."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from products import currencies
from products.limits import Kind, Limits, Scope, Unit
from products.models import Price, Product
from products.models.limit import LABELS
from products.money_display import format_money, format_price, per_interval
from products.operations.prices import normal_interval

LARGEST_AMOUNT = 10**12  # minor units: far inside a bigint, however often it is added up
LARGEST_LIMIT = 10**15  # a petabyte, or a million times a thousand million visits
LONGEST_INTERVAL = {Price.Unit.DAY: 366, Price.Unit.WEEK: 104, Price.Unit.MONTH: 60, Price.Unit.YEAR: 10}
LONGEST_TRIAL = 366  # days
BYTES = {"MB": 1024**2, "GB": 1024**3, "TB": 1024**4}

if TYPE_CHECKING:
    PriceModelForm = forms.ModelForm[Price]
    ProductModelForm = forms.ModelForm[Product]
    PriceInlineFormSet = forms.BaseInlineFormSet[Price, Product, forms.ModelForm[Price]]
    ProductsField = forms.ModelMultipleChoiceField[Product]
else:
    PriceModelForm = ProductModelForm = forms.ModelForm
    PriceInlineFormSet = forms.BaseInlineFormSet
    ProductsField = forms.ModelMultipleChoiceField


def amount_field(*, label: Any, **kwargs: Any) -> forms.DecimalField:
    """An amount in major units, typed and shown the way the reader's language writes numbers."""
    return forms.DecimalField(
        label=label,
        localize=True,
        max_digits=40,
        validators=[MinValueValidator(0, message=_("An amount cannot be negative."))],
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        **kwargs,
    )


def count_field(*, label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}), **kwargs
    )


class PriceForm(PriceModelForm):
    """One price. Currency and interval are chosen once; a change of the figures becomes a new version.

    Cleaned amounts are in minor units, the interval in its normal form. Saves nothing by itself.
    """

    currency = forms.ChoiceField(label=_("currency"), widget=UnfoldAdminSelectWidget)
    amount = amount_field(label=_("amount"))
    interval_count = count_field(label=_("every"), initial=1, min_value=1)
    interval_unit = forms.ChoiceField(
        label=_("per"),
        choices=Price.Unit.choices,
        initial=Price.Unit.MONTH,
        widget=UnfoldAdminSelectWidget(attrs={"class": "min-w-28"}),
    )
    setup_fee = amount_field(
        label=_("setup fee"), initial=0, required=False, help_text=_("Charged once, at the start.")
    )
    trial_days = count_field(
        label=_("trial days"), initial=0, required=False, min_value=0, max_value=LONGEST_TRIAL
    )

    class Meta:
        model = Price
        fields = ("amount", "currency", "interval_count", "interval_unit", "setup_fee", "trial_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_stored = self.instance.pk is not None
        cast("forms.ChoiceField", self.fields["currency"]).choices = currency_choices(self.instance.currency)
        if self.is_stored:
            for name in ("currency", "interval_count", "interval_unit"):
                self.fields[name].disabled = True
            for name in ("amount", "setup_fee"):
                self.initial[name] = currencies.to_major(getattr(self.instance, name), self.instance.currency)
        else:
            self.initial["currency"] = settings.CURRENCY
            self.initial["setup_fee"] = currencies.to_major(0, settings.CURRENCY)

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in ("amount", "setup_fee"):
            self._clean_amount(name)
        self.cleaned_data["trial_days"] = self.cleaned_data.get("trial_days") or 0
        self._clean_interval()
        return self.cleaned_data

    def _post_clean(self) -> None:
        """The rules stand in `clean` with a sentence each; operations write the rows."""

    def _clean_amount(self, name: str) -> None:
        currency = self.cleaned_data.get("currency")
        if currency is None or name not in self.cleaned_data:
            return
        try:
            minor = currencies.to_minor(self.cleaned_data[name] or Decimal(0), currency)
        except currencies.TooPreciseError as error:
            self.add_error(name, decimals_message(currency, error.decimals))
            return
        if minor > LARGEST_AMOUNT:
            self.add_error(
                name, gettext("The largest amount is %s.") % format_money(LARGEST_AMOUNT, currency)
            )
            return
        self.cleaned_data[name] = minor

    def _clean_interval(self) -> None:
        unit, count = self.cleaned_data.get("interval_unit"), self.cleaned_data.get("interval_count")
        if not unit or not count:
            return
        if unit == Price.Unit.ONCE:
            if count != 1:
                self.add_error("interval_count", gettext("What is paid once has no interval: enter 1."))
            if self.cleaned_data["trial_days"]:
                self.add_error("trial_days", gettext("What is paid once has no trial."))
            return
        longest = LONGEST_INTERVAL[Price.Unit(unit)]
        if count > longest:
            self.add_error(
                "interval_count",
                gettext("The longest interval is %(longest)s.") % {"longest": per_interval(unit, longest)},
            )
            return
        self.cleaned_data["interval_unit"], self.cleaned_data["interval_count"] = normal_interval(
            unit=unit, count=count
        )


class PriceFormSet(PriceInlineFormSet):
    """The prices at which a product is sold today, at most one per currency and interval."""

    def clean(self) -> None:
        seen: set[tuple[str, str, int]] = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if (
                form in self.deleted_forms
                or not {"currency", "interval_unit", "interval_count"} <= data.keys()
            ):
                continue
            currency, unit, count = key = (data["currency"], data["interval_unit"], data["interval_count"])
            if key in seen:
                form.add_error(
                    "interval_unit",
                    gettext("There is a price in %(currency)s %(interval)s already: change that one.")
                    % {"currency": currency, "interval": per_interval(unit, count)},
                )
            seen.add(key)
        if self.instance.is_active and not any(self.errors) and not self._sold_at():
            raise ValidationError(_("What is active has a price. Add one, or make the product inactive."))

    def _sold_at(self) -> list[Any]:
        """The rows that are a price once the page is saved."""
        rows = [form for form in self.forms if form not in self.deleted_forms]
        return [form for form in rows if form in self.initial_forms or form.has_changed()]


class LimitWidget(forms.MultiWidget):
    """Whether, how much, and for disk space in which unit."""

    template_name = "products/limit_widget.html"

    def __init__(self, *, name: Any, choices: Iterable[tuple[str, Any]], in_bytes: bool) -> None:
        """`name` is the kind's: each part is called by it and by what the part says."""
        self.in_bytes = in_bytes
        called = {"aria-label": name}
        amount = {
            "aria-label": format_lazy("{}: {}", name, _("how much")),
            "inputmode": "decimal" if in_bytes else "numeric",
        }
        widgets: list[forms.Widget] = [
            UnfoldAdminSelectWidget(attrs=called, choices=list(choices)),
            UnfoldAdminTextInputWidget(attrs=amount),
        ]
        if in_bytes:
            unit = {"aria-label": format_lazy("{}: {}", name, _("unit"))}
            widgets.append(UnfoldAdminSelectWidget(attrs=unit, choices=[(each, each) for each in BYTES]))
        super().__init__(widgets)

    def decompress(self, value: int | None) -> list[Any]:
        """`value` is an amount in the kind's unit, None for unlimited, 0 for not allowed."""
        if not value:
            choice = LimitField.UNLIMITED if value is None else LimitField.NONE
            return [choice, None, "GB"] if self.in_bytes else [choice, None]
        if not self.in_bytes:
            return [LimitField.SOME, value]
        unit = next((unit for unit in reversed(BYTES) if value >= BYTES[unit]), "MB")
        return [LimitField.SOME, _plain(Decimal(value) / BYTES[unit]), unit]


class LimitField(forms.MultiValueField):
    """A limit as a person sets it.

    Cleans to an amount in the kind's unit, None for unlimited, 0 for not allowed.
    """

    NONE, SOME, UNLIMITED = "none", "some", "unlimited"

    def __init__(self, *, kind: Kind, adds: bool, **kwargs: Any) -> None:
        self.kind = kind
        in_bytes = kind.unit == Unit.BYTES
        choices = (
            [(self.NONE, _("Adds nothing")), (self.SOME, _("Adds")), (self.UNLIMITED, _("Makes unlimited"))]
            if adds
            else [(self.NONE, _("Not allowed")), (self.SOME, _("Up to")), (self.UNLIMITED, _("Unlimited"))]
        )
        fields: list[forms.Field] = [forms.ChoiceField(choices=choices)]
        if in_bytes:
            fields.append(forms.DecimalField(localize=True, required=False, min_value=0, max_digits=40))
            fields.append(forms.ChoiceField(choices=[(unit, unit) for unit in BYTES], required=False))
        else:
            fields.append(forms.IntegerField(localize=True, required=False, min_value=0))
        super().__init__(
            fields,
            widget=LimitWidget(name=LABELS[kind], choices=choices, in_bytes=in_bytes),
            require_all_fields=False,
            localize=True,
            **kwargs,
        )

    def clean(self, value: Any) -> int | None:
        choice, number, *unit = [*value, None, None][: len(self.fields)]
        if choice != self.SOME:  # what stands in a field that is not shown is nobody's wish
            number = None
        cleaned: int | None = super().clean([choice, number, *unit])
        return cleaned

    def compress(self, data_list: list[Any]) -> int | None:
        choice, number, *unit = data_list
        if choice == self.NONE:
            return 0
        if choice == self.UNLIMITED:
            return None
        if number is None:
            raise ValidationError(_("Enter a number, or choose another word before it."), code="required")
        amount = int(number * BYTES[unit[0] or "MB"]) if unit else int(number)
        if amount > LARGEST_LIMIT:
            raise ValidationError(_("This is too much. Choose unlimited instead."), code="max_value")
        return amount


class ProductForm(ProductModelForm):
    """A product of `product_type` with its limits; what its type does not have, its form has not either."""

    product_type: ClassVar[str] = Product.Type.PLAN

    class Meta:
        model = Product
        fields = ("name", "code", "description", "is_active", "is_recommended", "group", "rank", "tax_rate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.instance.type = self.product_type
        self.stored_limits = self._stored_limits()
        for kind in self.limit_kinds():
            name = limit_name(kind)
            self.fields[name] = limit_field(kind, adds=not self.instance.is_plan)
            self.initial[name] = shown_limit(self.fields[name], self.stored_limits[kind])
        self._add_partners()

    @classmethod
    def limit_kinds(cls) -> tuple[Kind, ...]:
        """Services are work we do: they have no limits."""
        return () if cls.product_type == Product.Type.SERVICE else tuple(Kind)

    @property
    def changed_limits(self) -> Mapping[Kind, int | None]:
        """Of a valid form: the amounts to be written, 0 for not allowed, None for unlimited."""
        changed = {}
        for kind in self.limit_kinds():
            name = limit_name(kind)
            if name not in self.changed_data:  # an amount shown rounded and left alone stays as it is
                continue
            value = self.cleaned_data[name]
            amount = (None if value else 0) if kind.is_switch else value
            if amount != self.stored_limits[kind]:
                changed[kind] = amount
        return changed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        goes_with_plans = "partners" in data and not self.instance.is_plan
        if goes_with_plans and data.get("is_active") and not data["partners"]:
            self.add_error(
                "partners",
                gettext("Choose a plan that it goes with, or nobody can buy it while it is active."),
            )
        return data

    def save_partners(self) -> None:
        """Write which packages and services go with which plans."""
        chosen = self.cleaned_data["partners"]
        (self.instance.addons if self.instance.is_plan else self.instance.available_with).set(chosen)

    def _stored_limits(self) -> Limits:
        if not self.instance.pk:
            return Limits()
        known = {kind.value for kind in Kind}
        rows = self.instance.limits.all()
        return Limits({Kind(row.kind): row.amount for row in rows if row.kind in known})

    def _add_partners(self) -> None:
        """The packages and services of a plan, or the plans of a package or service."""
        product = self.instance
        plans = Product.objects.plans()
        others = Product.objects.exclude(type=Product.Type.PLAN) if product.is_plan else plans
        self.fields["partners"] = PartnersField(
            queryset=others.prefetch_related("prices").order_by("type", "rank", "name"),
            label=_("Available packages and services") if product.is_plan else _("Available with"),
            help_text=_("What members of this plan can buy with it.")
            if product.is_plan
            else _("The plans whose members can buy this."),
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
        )
        if product.pk is not None:
            chosen = product.addons if product.is_plan else product.available_with
            self.initial["partners"] = list(chosen.values_list("pk", flat=True))


class PartnersField(ProductsField):
    def label_from_instance(self, obj: Any) -> str:
        """Such as “Extra disk space · Package · €5.00 per month”."""
        product: Product = obj
        prices = [format_price(price) for price in product.prices.all() if price.superseded_at is None]
        parts = [product.name, product.get_type_display(), ", ".join(prices)]
        if not product.is_active:
            parts.append(gettext("not sold any more"))
        return " · ".join(part for part in parts if part)


def limit_name(kind: Kind) -> str:
    """The name of the kind's field in the form."""
    return f"limit_{kind.value}"


def limit_field(kind: Kind, *, adds: bool) -> forms.Field:
    """The field in which a person sets the limit; `adds` when the product adds to a plan."""
    if kind.is_switch:
        return forms.BooleanField(label=LABELS[kind], required=False, widget=UnfoldBooleanSwitchWidget)
    scope = _("In the whole membership.") if kind.scope == Scope.MEMBERSHIP else _("On each site.")
    return LimitField(kind=kind, adds=adds, label=LABELS[kind], help_text=scope, required=False)


def shown_limit(field: forms.Field, amount: int | None) -> Any:
    """What `field` shows for an amount in the kind's unit."""
    return field.widget.decompress(amount) if isinstance(field, LimitField) else amount is None


def currency_choices(stored: str) -> list[tuple[str, str]]:
    """The network's own currency first. One that has gone since stays with the prices that are in it."""
    others = sorted(currencies.known() - {settings.CURRENCY})
    codes = [settings.CURRENCY, *others, *([stored] if stored and stored not in currencies.known() else [])]
    return [(code, code) for code in codes]


def decimals_message(currency: str, decimals: int) -> str:
    if not decimals:
        return gettext("%s has no decimals.") % currency
    return gettext("%(currency)s has %(count)s decimals.") % {"currency": currency, "count": decimals}


def _plain(number: Decimal) -> Decimal:
    """Three decimals at most, and no zeros behind them: 1.500 is 1.5 and 1E+2 is 100."""
    return Decimal(f"{round(number, 3).normalize():f}")
