"""Who a customer is on their bills."""

from django.db import transaction
from django.db.models import F

from memberships.models import Customer, Membership


@transaction.atomic
def change_billing_details(
    *,
    customer: Customer,
    name: str,
    company: str,
    address: str,
    country: str,
    vat_number: str,
    region: str = "",
) -> None:
    """Write down what stands on the customer's bills from now on; bills that were issued stay as they are.

    Country, region and VAT number decide the tax, so with another one the prices shown before no longer hold: the
    customer's memberships get a new revision. Locks them, oldest first.
    """
    memberships = Membership.objects.filter(customer=customer)
    list(memberships.select_for_update().order_by("pk"))
    before = Customer.objects.select_for_update().get(pk=customer.pk)
    if (before.country, before.region, before.vat_number) != (country, region, vat_number):
        memberships.update(revision=F("revision") + 1)
    customer.company, customer.address = company, address
    customer.country, customer.region, customer.vat_number = country, region, vat_number
    customer.save(update_fields=["company", "address", "country", "region", "vat_number"])
    customer.user.name = name
    customer.user.save(update_fields=["name"])
