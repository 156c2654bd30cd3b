"""A link that lets whoever has it pay one bill, and see nothing else of the customer. No sign-in, no row: it is signed,
and holds until the bill is settled."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from checkout.models import Order

_signer = Signer(salt="checkout.links.pay", sep=".")


def pay_link(order: Order) -> str:
    """The absolute address at which `order` is paid."""
    return f"{settings.NETWORK_ORIGIN}/pay/{token_of(order)}/"


def token_of(order: Order) -> str:
    return _signer.sign(order.uid.hex)


def order_behind(token: str) -> Order | None:
    """The order that `token` was made for, whatever has become of it; None for a token that we did not make."""
    try:
        uid = UUID(hex=_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
    return (
        Order.objects.select_related("membership__customer__user", "payment", "quote").filter(uid=uid).first()
    )
