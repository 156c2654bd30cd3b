"""Memberships with their customers and sites."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from checkout.imports.ultimate_multisite.php import unserialize
from checkout.imports.ultimate_multisite.products import Catalogue, code_of, every, money
from checkout.imports.ultimate_multisite.tables import Row, Tables

STATES = {"active": "active", "trialing": "trialing", "cancelled": "cancelled", "expired": "expired"}
NEVER = ("", "0000-00-00 00:00:00")
LINES = ("billing_address_line_1", "billing_address_line_2")


def member_rows(tables: Tables, catalogue: Catalogue, notes: list[str]) -> Iterator[dict[str, str]]:
    users = {row["ID"]: row for row in tables["users"]}
    customers = {row["id"]: row for row in tables["wu_customers"]}
    addresses = _addresses(tables)
    sites = _sites(tables)
    for membership in tables["wu_memberships"]:
        reference = f"um-{membership['id']}"
        customer = customers.get(membership["customer_id"])
        user = users.get(customer["user_id"]) if customer else None
        plan = catalogue.named(membership["plan_id"])
        state = _state(membership)
        if not state or user is None or plan is None:
            missing = "is pending" if not state else "has no customer" if user is None else "has no plan"
            notes.append(f"membership {reference}: it {missing}; it is left out")
            continue
        row = {
            "reference": reference,
            "email": user["user_email"],
            "name": user["display_name"][:120],
            **_billing(addresses.get(membership["customer_id"])),
            "plan": code_of(plan),
            "currency": membership["currency"].upper(),
            "state": state,
            "member_since": _moment(membership["date_created"]),
            **_price(membership, plan, catalogue, notes, reference),
            **_dates(membership, state),
        }
        if state in {"active", "trialing"}:
            row |= _site(sites.get(membership["id"], []), notes, reference)
        yield {column: value for column, value in row.items() if value}


def _state(membership: Row) -> str:
    """One on hold waits for its money, and goes on; where its day has gone by, the check of the import says so."""
    if membership["status"] == "on-hold":
        return "active"
    return STATES.get(membership["status"], "")


def _moment(text: str) -> str:
    """It writes moments in UTC."""
    return "" if text in NEVER else f"{text}Z" if " " in text else text


def _is_free(membership: Row) -> bool:
    """Also what never ends: a membership for a lifetime."""
    return (
        not money(membership["amount"])
        or membership["recurring"] == "0"
        or membership["date_expiration"] in NEVER
    )


def _price(
    membership: Row, plan: Row, catalogue: Catalogue, notes: list[str], reference: str
) -> dict[str, str]:
    """What is paid for the plan: its total less what its packages cost, and nothing where that is the price in the
    catalogue."""
    if membership["status"] in {"cancelled", "expired"} or _is_free(membership):
        return {"interval": "month", "price": "0.00"}
    interval = every(membership["duration"], membership["duration_unit"])
    left, packages = money(membership["amount"]), []
    held = unserialize(membership["addon_products"])
    for product_id, quantity in (held or {}).items() if isinstance(held, dict) else ():
        addon = catalogue.named(str(product_id))
        amount = (
            catalogue.prices(addon).get(interval)
            if addon is not None and addon["type"] == "package"
            else None
        )
        if addon is None or amount is None:
            name = addon["slug"] if addon is not None else product_id
            notes.append(
                f"membership {reference}: {name} cannot come along; what it costs stays in its price"
            )
            continue
        packages.append(f"{code_of(addon)} {quantity}")
        left -= amount * int(quantity)
    listed = catalogue.prices(plan).get(interval)
    if left != listed:
        said = f"{listed} is listed" if listed is not None else "nothing is listed for that interval"
        notes.append(
            f"membership {reference}: pays {max(left, Decimal(0))} per {interval} for its plan; {said}"
        )
    return {
        "interval": interval,
        "price": "" if left == listed else str(max(left, Decimal("0.00"))),
        "packages": "; ".join(packages),
    }


def _dates(membership: Row, state: str) -> dict[str, str]:
    if state == "trialing":
        return {"trial_end": _moment(membership["date_trial_end"]) or _moment(membership["date_expiration"])}
    if state != "active":
        ended = _moment(membership["date_cancellation"]) or _moment(membership["date_expiration"])
        return {"ended_on": ended or _moment(membership["date_created"])}
    return {} if _is_free(membership) else {"next_renewal": _moment(membership["date_expiration"])}


def _addresses(tables: Tables) -> dict[str, Any]:
    return {
        row["wu_customer_id"]: unserialize(row["meta_value"])
        for row in tables.get("wu_customermeta", ())
        if row["meta_key"] == "wu_billing_address"
    }


def _billing(address: Any) -> dict[str, str]:
    if not isinstance(address, dict):
        return {}
    of: Mapping[str, Any] = address.get("attributes", address)
    town = " ".join(str(of.get(part) or "") for part in ("billing_zip_code", "billing_city")).strip()
    lines = [*(str(of.get(name) or "") for name in LINES), town, str(of.get("billing_state") or "")]
    return {
        "company": str(of.get("company_name") or "")[:120],
        "address": "\n".join(line for line in lines if line)[:400],
        "country": str(of.get("billing_country") or "").upper(),
    }


def _sites(tables: Tables) -> dict[str, list[dict[str, str]]]:
    """The sites of each membership by its id, the oldest first."""
    beside: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tables.get("blogmeta", ()):
        beside[row["blog_id"]][row["meta_key"]] = row["meta_value"]
    domains: dict[str, list[str]] = defaultdict(list)
    for row in tables.get("wu_domain_mappings", ()):
        if row["active"] == "1":
            domains[row["blog_id"]].append(row["domain"])
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for blog in sorted(tables.get("blogs", ()), key=lambda row: int(row["blog_id"])):
        meta = beside[blog["blog_id"]]
        if (
            meta.get("wu_type") == "customer_owned"
            and meta.get("wu_membership_id")
            and blog.get("deleted") != "1"
        ):
            address = blog["path"].strip("/") or blog["domain"].split(".")[0]
            found[meta["wu_membership_id"]].append(
                {
                    "site_name": _title(tables, blog["blog_id"]) or address,
                    "site_address": re.sub(r"[^a-z0-9-]+", "-", address.lower()).strip("-")[:40],
                    "domains": "; ".join(domains[blog["blog_id"]]),
                }
            )
    return found


def _title(tables: Tables, blog_id: str) -> str:
    options = tables.get(f"{blog_id}_options", ())
    return next((row["option_value"][:80] for row in options if row["option_name"] == "blogname"), "")


def _site(sites: list[dict[str, str]], notes: list[str], reference: str) -> dict[str, str]:
    notes.extend(
        f"membership {reference}: its further site {other['site_address']} is left out; its owner adds it on the"
        " Account page"
        for other in sites[1:]
    )
    return sites[0] if sites else {}
