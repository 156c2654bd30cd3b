"""Codes made together, and codes ended together."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, F, Func, Value

from accounts.models import User
from products.models import Discount, DiscountBatch, Product

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread: no 0, O, 1, I, L or U
RANDOM = 8  # characters, of which nobody guesses one
MOST = 10_000
MISREAD = ("OIL-_", "011")  # how PostgreSQL's `translate` makes codes alike that people take for each other


def make_batch(
    *,
    uid: UUID,
    prefix: str,
    size: int,
    rules: Mapping[str, Any],
    only_for: Collection[Product],
    actor: User,
    now: datetime,
) -> DiscountBatch:
    """Make `size` unique codes by the same `rules`, as the model names them; each begins with `prefix` and a dash.

    The same `uid` makes them once. Raises ValueError when there are to be none, or more than MOST.
    """
    if not 1 <= size <= MOST:
        raise ValueError(f"{size} codes")
    with transaction.atomic():
        batch, is_new = DiscountBatch.objects.get_or_create(
            uid=uid, defaults={"prefix": prefix, "size": size, "made_by": actor, "created_at": now}
        )
        if is_new:
            codes = Discount.objects.bulk_create(
                Discount(**rules, code=code, batch=batch, created_at=now) for code in _codes(prefix, size)
            )
            through = Discount.products.through
            through._default_manager.bulk_create(  # noqa: SLF001 -- Django's public API
                through(discount_id=code.pk, product_id=product.pk) for code in codes for product in only_for
            )
    return batch


def offer(*, codes: Iterable[Discount], is_active: bool) -> list[Discount]:
    """Let `codes` be entered, or no longer; who has entered one keeps it. Answers those that were otherwise before."""
    chosen = [code.pk for code in codes]
    with transaction.atomic():
        others = list(
            Discount.objects.select_for_update()
            .filter(pk__in=chosen)
            .exclude(is_active=is_active)
            .order_by("pk")
        )
        Discount.objects.filter(pk__in=[code.pk for code in others]).update(is_active=is_active)
    return others


def taken_for(code: str) -> Discount | None:
    """The code that people would take `code` for: the same, or one that differs in a dash, or in O and 0, in I, L
    and 1. The same one first."""
    alike = Discount.objects.annotate(read=_as_read(F("code"))).filter(read=_as_read(Value(code)))
    return min(alike, key=lambda found: (found.code != code, found.pk), default=None)


def _as_read(code: F | Value) -> Func:
    return Func(code, *map(Value, MISREAD), function="translate", output_field=CharField())


def _codes(prefix: str, size: int) -> set[str]:
    made: set[str] = set()
    while len(made) < size:
        made |= {f"{prefix}-{_random()}" for _ in range(size - len(made))}
        made -= set(Discount.objects.filter(code__in=made).values_list("code", flat=True))
    return made


def _random() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
