"""Who our customer is at the gateway."""

from uuid import uuid5

from django.db import transaction

from memberships.billing.choose import gateway
from memberships.models import Customer


def gateway_ref_of(customer: Customer) -> str:
    """The gateway's reference of `customer`, registering them the first time."""
    if not customer.gateway_ref:
        _register(customer, instead_of="")
    return customer.gateway_ref


def register_anew(customer: Customer) -> None:
    """The gateway has deleted `customer`, and their cards with them: forget those and register once more."""
    _register(customer, instead_of=customer.gateway_ref)


def _register(customer: Customer, *, instead_of: str) -> None:
    email, name = customer.user.email, str(customer)
    # The same key goes with the same words only, and never again with a reference that is of no use.
    key = uuid5(customer.uid, f"{email}\n{name}\n{instead_of}")
    ref = gateway().create_customer(key=str(key), email=email, name=name)
    with transaction.atomic():
        known_as = Customer.objects.filter(pk=customer.pk, gateway_ref=instead_of)
        if known_as.update(gateway_ref=ref) and instead_of:
            customer.payment_methods.all().delete()
    customer.refresh_from_db(fields=["gateway_ref"])
