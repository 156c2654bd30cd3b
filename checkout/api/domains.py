"""Names of customers' own that lead, or are to lead, to their sites."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import ConfigDict, Field

from accounts.tokens.models import Scope
from checkout.api.authentication import Bearer, caller, visible
from checkout.api.openapi import WITH_A_BODY, answers
from checkout.api.paging import After, Limit, Next, page_of
from checkout.api.problems import bad_input, faults_of, too_many_requests
from checkout.api.shapes import Asked, Instant, Shape, one_of
from checkout.api.sites import NoRoom, no_room
from checkout.operations.rate_limit import TooOften, count_domain
from sites import tasks
from sites.entitlements import LimitReached
from sites.models import DomainClaim, Site
from sites.operations.domains import ask_for_check, claim_domain, remove_domain

router = Router(tags=["Domains"])
State = DomainClaim.State


class NewDomain(Asked):
    """A name to be connected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"domain": "www.fleur.example"}]})

    domain: str = Field(
        min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["www.fleur.example"]
    )


class Proof(Shape):
    """The TXT record that shows whose the name is."""

    name: str = Field(examples=["_sitewright.www.fleur.example"])
    value: str = Field(examples=["sitewright=0123456789abcdef0123456789abcdef"])


class Domain(Shape):
    """A name on its way to a site, and after it. It leads there when its state is `active`."""

    id: UUID
    site: UUID | None = Field(description="null for one that was given up and rests.")
    domain: str = Field(description="As the DNS has it.", examples=["www.fleur.example"])
    state: Annotated[State, one_of(State)]
    proof: Proof
    checked_at: Instant | None = Field(description="When we last looked at the DNS.")
    created_at: Instant
    active_at: Instant | None

    @classmethod
    def of(cls, claim: DomainClaim) -> "Domain":
        return cls(
            id=claim.uid,
            site=claim.site.uid if claim.site else None,
            domain=claim.domain,
            state=State(claim.state),
            proof=Proof(name=claim.proof_name, value=claim.proof_value),
            checked_at=claim.checked_at,
            created_at=claim.created_at,
            active_at=claim.active_at,
        )


class Domains(Shape):
    data: list[Domain]
    next: Next


@router.get(
    "/domains",
    response=answers({200: Domains}, HTTPStatus.UNPROCESSABLE_ENTITY),
    auth=Bearer(Scope.DOMAINS_READ),
    operation_id="list_domains",
    summary="List your domains",
)
def index(
    request: HttpRequest,
    site: Annotated[UUID | None, Query(description="Of this site only.")] = None,
    state: Annotated[State | None, one_of(State), Query(None, description="In this state only.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Domains:
    """The oldest first, with those that were given up and are still kept for you."""
    wanted = {"site__uid": site, "state": state}
    found = _claims(request).filter(**{name: value for name, value in wanted.items() if value is not None})
    rows, following = page_of(found, request, limit=limit, after=after)
    return Domains(data=[Domain.of(row) for row in rows], next=following)


@router.get(
    "/domains/{domain_id}",
    response=answers({200: Domain}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.DOMAINS_READ),
    operation_id="get_domain",
    url_name="get_domain",
    summary="See one domain",
)
def details(request: HttpRequest, domain_id: UUID) -> Domain:
    """With the record that belongs into the DNS."""
    return Domain.of(get_object_or_404(_claims(request), uid=domain_id))


@router.post(
    "/sites/{site_id}/domains",
    response=answers(
        {201: Domain, 200: Domain},
        *WITH_A_BODY,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.TOO_MANY_REQUESTS,
        conflict=NoRoom,
    ),
    auth=Bearer(Scope.DOMAINS_WRITE),
    operation_id="claim_domain",
    summary="Connect a domain",
)
def claim(request: HttpRequest, site_id: UUID, wanted: NewDomain, response: HttpResponse) -> Status[Domain]:
    """It takes one of the site's places. Put the record of `proof` into the DNS; then let it be looked up. A name that
    the site has already is answered with 200."""
    user, now = caller(request), timezone.now()
    sites = Site.objects.owned_by(user).outside_the_bin().select_related("membership")
    site = get_object_or_404(sites, uid=site_id)
    status = HTTPStatus.CREATED
    try:
        count_domain(user=user, now=now)
        found = DomainClaim.objects.of(site).filter(domain=wanted.domain.strip().lower()).first()
        if found:
            status = HTTPStatus.OK
        else:
            found = claim_domain(site=site, typed=wanted.domain, now=now)
            tasks.check_domain.enqueue(claim_id=found.pk)
    except TooOften as often:
        raise too_many_requests(seconds=often.seconds) from often
    except LimitReached as reached:
        raise no_room(reached) from reached
    except ValidationError as refused:
        raise bad_input(*faults_of(refused)) from refused
    response["Location"] = reverse("api:get_domain", args=[found.uid])
    return Status(status, Domain.of(found))


@router.post(
    "/domains/{domain_id}/check",
    response=answers({200: Domain}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.DOMAINS_WRITE),
    operation_id="check_domain",
    summary="Let a domain be looked up",
)
def check(request: HttpRequest, domain_id: UUID) -> Domain:
    """We look at the DNS soon, not more often than every ten seconds; `checked_at` says when we have."""
    claim = get_object_or_404(_own(request), uid=domain_id)
    if ask_for_check(claim=claim, now=timezone.now()):
        tasks.check_domain.enqueue(claim_id=claim.pk)
    return Domain.of(claim)


@router.delete(
    "/domains/{domain_id}",
    response=answers({200: Domain}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.DOMAINS_WRITE),
    operation_id="remove_domain",
    summary="Give a domain up",
)
def remove(request: HttpRequest, domain_id: UUID) -> Domain:
    """It leads nowhere at once. One that was proven rests, and is nobody else's, for some weeks."""
    claim = get_object_or_404(_own(request), uid=domain_id)
    remove_domain(claim=claim, now=timezone.now())
    return Domain.of(DomainClaim.objects.select_related("site").filter(pk=claim.pk).first() or claim)


def _claims(request: HttpRequest) -> QuerySet[DomainClaim]:
    return visible(DomainClaim.objects.select_related("site"), request)


def _own(request: HttpRequest) -> QuerySet[DomainClaim]:
    return DomainClaim.objects.owned_by(caller(request)).select_related("site__membership")
