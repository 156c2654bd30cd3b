"""Customers' websites, and what of their limits is used."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import ConfigDict, Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, caller, visible
from checkout.api.openapi import WITH_A_BODY, answers
from checkout.api.paging import After, Limit, Next, page_of
from checkout.api.problems import Problem, ProblemDetails, bad_input, faults_of, too_many_requests
from checkout.api.shapes import Asked, Instant, Shape, one_of
from checkout.operations.rate_limit import TooOften, count_site
from memberships.models import Membership
from memberships.operations.entitlements import entitlements
from products.limits import Kind
from products.limits import Scope as Extent
from sites import models
from sites.entitlements import LimitReached, explain
from sites.models.site import LONGEST_SITE_NAME
from sites.operations.create import create_site

router = Router(tags=["Sites"])
State = models.Site.State
Access = models.Site.Access


class NewSite(Asked):
    """A site to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Fleur's Garden", "address": "fleur"}]}
    )

    name: str = Field(min_length=1, max_length=LONGEST_SITE_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")
    address: str = Field(
        min_length=1,
        max_length=40,
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        description="The first part of its host name, on the network's domain for sites.",
        examples=["fleur"],
    )


class Site(Shape):
    """A website. Its state is `ready` when it is shown to visitors."""

    id: UUID
    membership: UUID
    name: str = Field(examples=["Fleur's Garden"])
    address: str = Field(examples=["fleur"])
    url: str = Field(description="Where it always is.", examples=["https://fleur.sites.example/"])
    state: Annotated[State, one_of(State)]
    access: Annotated[Access, one_of(Access)] = Field(
        description="`read_only` and `notice` follow when its membership has ended."
    )
    created_at: Instant
    ready_at: Instant | None

    @classmethod
    def of(cls, site: Any) -> "Site":
        return cls(
            id=site.uid,
            membership=site.membership.uid,
            name=site.name,
            address=site.slug,
            url=site.url,
            state=State(site.state),
            access=Access(site.access),
            created_at=site.created_at,
            ready_at=site.ready_at,
        )


class Sites(Shape):
    data: list[Site]
    next: Next


class Used(Shape):
    """How far a limit is used, in its unit: things, bytes, or visits in this month."""

    limit: str = Field(examples=["posts"])
    used: int
    allowed: int | None = Field(description="null is unlimited.")


class SiteUsage(Shape):
    site: UUID
    counted_at: Instant | None = Field(description="When it was counted; null for never yet.")
    usage: list[Used]


class Usage(Shape):
    membership: UUID
    shared: list[Used] = Field(description="What all sites use together.")
    sites: list[SiteUsage] = Field(description="What each may use by itself.")


class NoRoom(ProblemDetails):
    """The membership allows no more of it."""

    limit: str = Field(description="The limit that is used up.", examples=["sites"])
    used: int
    allowed: int


def no_room(reached: LimitReached) -> Problem:
    more = {"limit": reached.kind.value, "used": reached.used, "allowed": reached.allowed}
    return Problem(HTTPStatus.CONFLICT, "limit_reached", explain(reached), more=more)


@router.get(
    "/sites",
    response=answers({200: Sites}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.SITES_READ),
    operation_id="list_sites",
    summary="List your sites",
)
def index(
    request: HttpRequest,
    membership: Annotated[UUID | None, Query(description="Of this membership only.")] = None,
    state: Annotated[State | None, one_of(State), Query(None, description="In this state only.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Sites:
    """The oldest first."""
    wanted = {"membership__uid": membership, "state": state}
    found = visible(models.Site.objects.select_related("membership"), request).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    rows, following = page_of(found, request, limit=limit, after=after)
    return Sites(data=[Site.of(row) for row in rows], next=following)


@router.get(
    "/sites/{site_id}",
    response=answers({200: Site}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.SITES_READ),
    operation_id="get_site",
    url_name="get_site",
    summary="See one site",
)
def details(request: HttpRequest, site_id: UUID) -> Site:
    """Ask again until a new one is ready, which is soon."""
    rows = visible(models.Site.objects.select_related("membership"), request)
    return Site.of(get_object_or_404(rows, uid=site_id))


@router.post(
    "/memberships/{membership_id}/sites",
    response=answers(
        {201: Site, 200: Site},
        *WITH_A_BODY,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.TOO_MANY_REQUESTS,
        conflict=NoRoom,
    ),
    auth=Bearer(Scope.SITES_WRITE),
    operation_id="make_site",
    summary="Make a site",
)
def make(request: HttpRequest, membership_id: UUID, wanted: NewSite, response: HttpResponse) -> Status[Site]:
    """It takes one of the membership's places. An address is taken once: sent again by the same membership it answers
    the site that has it, with 200, so a lost answer is asked for again by sending the same."""
    user, now = caller(request), timezone.now()
    membership = get_object_or_404(Membership.objects.owned_by(user), uid=membership_id)
    site = models.Site.objects.outside_the_bin().filter(membership=membership, slug=wanted.address).first()
    status = HTTPStatus.OK if site else HTTPStatus.CREATED
    try:
        if site is None:
            count_site(user=user, now=now)
            site = create_site(membership=membership, name=wanted.name, slug=wanted.address, now=now)
    except TooOften as often:
        raise too_many_requests(seconds=often.seconds) from often
    except LimitReached as reached:
        raise no_room(reached) from reached
    except ValidationError as refused:
        raise bad_input(*faults_of(refused, slug="address")) from refused
    response["Location"] = reverse("api:get_site", args=[site.uid])
    return Status(status, Site.of(site))


@router.get(
    "/memberships/{membership_id}/usage",
    response=answers({200: Usage}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.USAGE_READ),
    operation_id="get_usage",
    summary="See what is used of the limits",
)
def usage(request: HttpRequest, membership_id: UUID) -> Usage:
    """By the last count, which follows what happens in a site by a few minutes."""
    membership = visible(Membership.objects.all(), request).filter(uid=membership_id).first()
    if membership is None:
        raise Http404
    allowed = entitlements(membership)
    sites = list(models.Site.objects.outside_the_bin().filter(membership=membership).order_by("id"))
    return Usage(
        membership=membership.uid,
        shared=[
            Used(limit=kind, used=len(sites), allowed=allowed[kind]) for kind in _counted(Extent.MEMBERSHIP)
        ],
        sites=[
            SiteUsage(
                site=site.uid,
                counted_at=site.usage_at,
                usage=[
                    Used(limit=kind, used=site.usage.get(kind, 0), allowed=allowed[kind])
                    for kind in _counted(Extent.SITE)
                ],
            )
            for site in sites
        ],
    )


def _counted(extent: Extent) -> list[Kind]:
    return [kind for kind in Kind if kind.scope == extent and not kind.is_switch]
