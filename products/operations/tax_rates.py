"""New tax rates, each from a day on."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from products.models import TaxRate, TaxRateVersion


class HasBegun(ValueError):
    """A rate begins on a day to come: bills of today and before were priced with another."""


def set_rate_from(
    *,
    rate: TaxRate,
    country: str,
    region: str,
    percent: Decimal,
    starts_on: date,
    actor: User,
    now: datetime,
) -> TaxRateVersion:
    """From `starts_on` on, `rate` is `percent` in `region` of `country`, in all of it, or with neither everywhere.

    What was entered for the same place and day takes its place, since it has not begun. Raises HasBegun.
    """
    if starts_on <= now.date():
        raise HasBegun(f"{starts_on} is not after {now.date()}")
    with transaction.atomic():
        locked = TaxRate.objects.select_for_update().get(pk=rate.pk)
        version, _is_new = TaxRateVersion.objects.update_or_create(
            rate=locked, country=country, region=region, starts_on=starts_on,
            defaults={"percent": percent, "set_by": actor, "set_at": now},
        )  # fmt: skip
        rewrite_schedule(locked)
    rate.schedule = locked.schedule
    return version


def withdraw(*, version: TaxRateVersion, now: datetime) -> None:
    """A rate that has not begun never does. Raises HasBegun."""
    with transaction.atomic():
        locked = TaxRate.objects.select_for_update().get(pk=version.rate_id)
        if version.starts_on <= now.date():
            raise HasBegun(f"{version.starts_on} is not after {now.date()}")
        TaxRateVersion.objects.filter(pk=version.pk).delete()
        rewrite_schedule(locked)


def rewrite_schedule(rate: TaxRate) -> None:
    """Repeat the versions of `rate`, which is locked, on its own row."""
    rate.schedule = [
        {
            "country": version.country,
            "region": version.region,
            "starts_on": version.starts_on.isoformat(),
            "percent": f"{version.percent.normalize():f}",
        }
        for version in rate.versions.order_by("-starts_on", "country", "region")
    ]
    rate.save(update_fields=["schedule"])
