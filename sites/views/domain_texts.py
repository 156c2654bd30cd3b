"""What the Domains page says: which names lead to a site, and what is missing for those that do not yet."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from products.limit_display import format_limit
from products.limits import Kind
from sites import addresses
from sites.models import Domain, DomainClaim, Site
from sites.operations.domains.check import points_here
from sites.operations.domains.claim import allowed_domains
from sites.policies.domain_check import Records, is_proven, private_addresses
from sites.policies.domain_names import as_people_write, is_apex, registered

State = DomainClaim.State
TONES = {State.WAITING: "warn", State.PROVEN: "note", State.PARKED: "warn"}


def page_texts(site: Site) -> dict[str, Any]:
    claims = list(DomainClaim.objects.of(site).select_related("site__membership"))
    by_name = {claim.domain: claim for claim in claims}
    allowed = allowed_domains(site)
    used = sum(claim.state in DomainClaim.COUNTED for claim in claims)
    rows = sorted(Domain.objects.filter(tenant=site), key=lambda row: (not row.is_primary, row.domain))
    return {
        "site": site,
        "names": [_name_texts(row, by_name.get(row.domain), site) for row in rows],
        "claims": [claim_texts(claim) for claim in claims if claim.state not in {State.ACTIVE, State.PARKED}],
        "parked": [_parked_texts(claim) for claim in claims if claim.state == State.PARKED],
        "used": used,
        "allowed": format_limit(Kind.DOMAINS, allowed) if allowed else "",
        "has_room": allowed is None or used < allowed,
        "change_url": addresses.change_url(site.membership.uid),
    }


def claim_texts(claim: DomainClaim) -> dict[str, Any]:
    """One name on its way: what should be in the DNS, beside what is."""
    assert claim.site is not None, "only a name in quarantine has no site"
    records = Records.from_json(claim.seen)
    proof, leading = _proof_record(claim, records), _leading_records(claim, records)
    return {
        "uid": claim.uid,
        "name": str(claim),
        "state": claim.get_state_display(),
        "tone": TONES.get(State(claim.state), ""),
        "is_being_checked": claim.is_being_checked,
        "checked_at": claim.checked_at,
        "is_silent": records.silent,
        "held_elsewhere": claim.held_elsewhere,
        "is_proven": proof["is_right"],
        "lacks_room": claim.state == State.PROVEN and points_here(claim, records),
        "change_url": addresses.change_url(claim.site.membership.uid),
        "records": [proof, *leading],
        "private": private_addresses(records),
    }


def _name_texts(row: Domain, claim: DomainClaim | None, site: Site) -> dict[str, Any]:
    records = Records.from_json(claim.seen) if claim else Records()
    astray = (
        claim is not None
        and not records.silent
        and bool(claim.checked_at)
        and not points_here(claim, records)
    )
    return {
        "domain": row.domain,
        "name": as_people_write(row.domain),
        "url": addresses.site_url(row.domain),
        "is_primary": row.is_primary,
        "is_own_address": row.domain == site.host,
        "claim_uid": claim.uid if claim else None,
        "astray": astray,
    }


def _parked_texts(claim: DomainClaim) -> dict[str, Any]:
    return {"uid": claim.uid, "name": str(claim)}


def _proof_record(claim: DomainClaim, records: Records) -> dict[str, Any]:
    return {
        "type": "TXT",
        "name": claim.proof_name,
        "short_name": _short(claim.proof_name, claim.domain),
        "should": claim.proof_value,
        "seen": list(records.proofs),
        "is_right": is_proven(records, proof=claim.proof_value),
    }


def _leading_records(claim: DomainClaim, records: Records) -> list[dict[str, Any]]:
    """An alias for a name below the registered domain, addresses for the registered domain itself."""
    assert claim.site is not None, "only a name in quarantine has no site"
    seen = ([records.alias] if records.alias else []) + list(records.addresses)
    right = points_here(claim, records)
    if not is_apex(claim.domain) or not settings.SITES_ADDRESSES:
        kind = "ALIAS / ANAME" if is_apex(claim.domain) else "CNAME"
        return [_leading(claim, kind, claim.site.host, seen, is_right=right)]
    by_kind: dict[str, list[str]] = {"A": [], "AAAA": []}
    for address in settings.SITES_ADDRESSES:
        by_kind[_kind(address)].append(address)
    return [
        _leading(claim, kind, ", ".join(ours), _of_kind(kind, seen), is_right=right or _are(ours, seen, kind))
        for kind, ours in by_kind.items()
        if ours
    ]


def _leading(
    claim: DomainClaim, kind: str, should: str, seen: Sequence[str], *, is_right: bool
) -> dict[str, Any]:
    return {
        "type": kind,
        "name": claim.domain,
        "short_name": _short(claim.domain, claim.domain),
        "should": should,
        "seen": list(seen),
        "is_right": is_right,
    }


def _of_kind(kind: str, seen: Sequence[str]) -> list[str]:
    return [found for found in seen if _kind(found) in {kind, ""}]


def _are(ours: Sequence[str], seen: Sequence[str], kind: str) -> bool:
    found = _of_kind(kind, seen)
    return bool(found) and set(found) <= set(ours)


def _kind(text: str) -> str:
    """`A` or `AAAA` for an address, nothing for a name."""
    try:
        return "A" if ipaddress.ip_address(text).version == 4 else "AAAA"  # noqa: PLR2004 -- the version's name
    except ValueError:
        return ""


def _short(name: str, domain: str) -> str:
    """`name` as most providers' forms want it: without the registered domain, which they add themselves."""
    zone = registered(domain)
    return "@" if name == zone else name.removesuffix(f".{zone}")
