"""One row, brought in whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.confirmation import is_confirmed
from accounts.models import User
from checkout.imports.forms import ROWS, MembershipRow, ProductRow, Row
from checkout.imports.models import ImportedMembership, ImportRow
from checkout.imports.operations.reading import TOO_MANY
from memberships.models import Customer, Membership
from memberships.operations.bring_in import Standing, bring_in_membership
from products.models import Product
from products.operations.bring_in import bring_in_product
from products.pricing import Interval, Unit
from sites.entitlements import LimitReached, explain
from sites.operations.create import create_site
from sites.operations.domains import claim_domain

COLUMN_OF = {"name": "site_name", "slug": "site_address", "domain": "domains"}  # what sites call their fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a row: `made` is what it stands for now, which was there before when `is_known`."""

    made: Product | Membership | None = None
    is_known: bool = False
    errors: dict[str, list[str]] = field(default_factory=dict)


def attempt(row: ImportRow, *, lines: Mapping[tuple[str, str], int], now: datetime) -> Outcome:
    """Bring `row` in, in a transaction of its own. Where it is refused nothing of it is left. `lines` knows which
    line of the file is the first to say what only one may say."""
    form = ROWS[row.job.kind](row.values, now=now)
    form.stands_alone(lines, line=row.line)
    errors = form.wrong()
    if TOO_MANY in row.values:
        errors |= {TOO_MANY: [_("There are more values in this line than columns.")]}
    if errors:
        return Outcome(errors=errors)
    try:
        with transaction.atomic():
            return _BRING_IN[type(form)](form, row.job.asked_by, now)
    except ValidationError as refused:
        return Outcome(errors=_by_column(form, refused))
    except LimitReached as reached:
        return Outcome(errors={"site_address" if reached.kind == "sites" else "domains": [explain(reached)]})
    except IntegrityError:  # another import, or a person, was quicker; the next look will see what is there
        return Outcome(errors={next(iter(form.fields)): [_("This was made by somebody else just now.")]})


def _product(form: Row, _actor: User | None, now: datetime) -> Outcome:
    assert isinstance(form, ProductRow)
    typed = form.cleaned_data
    product, is_new = bring_in_product(
        code=typed["code"], type=typed["type"], name=typed["name"], description=typed["description"],
        is_active=typed["active"] is not False, group=typed["group"],
        rank=10 if typed["rank"] is None else typed["rank"], available_with=typed["available_with"],
        tax_rate=typed["tax_rate"], currency=typed["currency"], prices=form.new_prices(),
        setup_fee=form.setup_fee_in_minor_units(), limits=form.limits, now=now,
    )  # fmt: skip
    return Outcome(made=product, is_known=not is_new)


def _membership(form: Row, actor: User | None, now: datetime) -> Outcome:
    assert isinstance(form, MembershipRow)
    typed = form.cleaned_data
    known = (
        ImportedMembership.objects.filter(reference=typed["reference"]).select_related("membership").first()
    )
    if known is not None:
        return Outcome(made=known.membership, is_known=True)
    membership = bring_in_membership(
        customer=_customer(form),
        standing=Standing(
            state=Membership.State(typed["state"]),
            currency=typed["currency"],
            interval=Interval(unit=Unit(form.every.unit), count=form.every.count),
            since=typed["member_since"] or now,
            paid_since=typed["period_start"],
            paid_until=typed["next_renewal"],
            trial_end=typed["trial_end"],
            ended_at=typed["ended_on"],
        ),
        items=form.brought(),
        wallet=typed["wallet"] or 0,
        reference=f"import-{typed['reference']}"[:80],
        actor=actor,
        now=now,
    )
    ImportedMembership.objects.create(reference=typed["reference"], membership=membership, imported_at=now)
    if typed["site_address"]:
        site = create_site(
            membership=membership, name=typed["site_name"], slug=typed["site_address"], now=now
        )
        for name in typed["domains"]:
            claim_domain(site=site, typed=name, now=now)
    return Outcome(made=membership)


def _customer(form: MembershipRow) -> Customer:
    """Who pays: somebody who is here keeps their details, others get those of the row. Raises ValidationError for an
    account that anybody can have made."""
    typed = form.cleaned_data
    user = User.objects.filter(email=typed["email"]).first()
    if user is None:
        user = User.objects.create_user(typed["email"], name=typed["name"], language=typed["language"])
    elif not is_confirmed(user):
        raise ValidationError(
            {"email": _("There is an account with this address that nobody has confirmed yet.")}
        )
    billing = {name: typed[name] for name in ("company", "address", "country", "vat_number")}
    customer, _is_new = Customer.objects.select_related("user").get_or_create(user=user, defaults=billing)
    return customer


def _by_column(form: Row, refused: ValidationError) -> dict[str, list[str]]:
    """A refusal of an operation, said at the column that it is about; at the first one where it is about none."""
    first = next(iter(form.fields))
    if not hasattr(refused, "error_dict"):
        return {first: refused.messages}
    errors: dict[str, list[str]] = {}
    for name, messages in refused.message_dict.items():
        column = COLUMN_OF.get(name, name) if isinstance(form, MembershipRow) else name
        errors.setdefault(column if column in form.fields else first, []).extend(messages)
    return errors


_BRING_IN: dict[type[Row], Callable[[Row, User | None, datetime], Outcome]] = {
    ProductRow: _product,
    MembershipRow: _membership,
}
