"""The owner is told by mail when visitors begin to see a notice, because a site has more than its plan allows."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from memberships.models import Notice
from memberships.notices import notify
from products.limits import Kind
from sites.models import OverLimit, Site
from sites.operations.visits import next_month

KIND: Final = "visitors_see_notice"


def notices_begun(*, now: datetime) -> list[tuple[int, int]]:
    """Each time over a limit that hides its site by now and whose owner is not told yet, with the site. One query."""
    return list(_untold(now).order_by("pk").values_list("pk", "site"))


@transaction.atomic
def tell_of_notice(*, over_limit_id: int, site_id: int, now: datetime) -> None:
    """Tell the owner, once, if it is still so."""
    site = Site.objects.locked().get(pk=site_id)
    over = _untold(now).filter(pk=over_limit_id).first()
    if over is None:
        return
    kind = Kind(over.kind)
    facts = {
        "site": site.name,
        "limit": kind.value,
        "allowed": site.limits[kind],
        "at": next_month(now) if kind == Kind.VISITS else None,
    }
    notify(site.membership, KIND, reference=f"notice-{over.pk}", facts=facts, now=now)


def _untold(now: datetime) -> QuerySet[OverLimit]:
    told = Notice.objects.filter(
        membership=OuterRef("site__membership"),
        kind=KIND,
        reference=Concat(Value("notice-"), Cast(OuterRef("pk"), CharField())),
    )
    return OverLimit.objects.filter(
        ~Exists(told),
        ended_at=None,
        notice_at__lte=now,
        site__state=Site.State.READY,
        site__access=Site.Access.OPEN,
    )
