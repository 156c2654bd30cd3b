"""Products with their prices and limits."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from checkout.imports.ultimate_multisite.php import unserialize
from checkout.imports.ultimate_multisite.tables import Row

DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
MONTHS_IN_A_YEAR = 12
UNLIMITED = "unlimited"
CENT = Decimal("0.01")
KNOWN_TYPES = ("plan", "package", "service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Its products, and what is kept beside each, by id."""

    products: Sequence[Row]
    meta: Mapping[str, Row]

    def named(self, product_id: str) -> Row | None:
        return next((row for row in self.products if row["id"] == str(product_id)), None)

    def data(self, product: Row, name: str) -> Any:
        return unserialize(self.meta.get(product["id"], {}).get(name))

    def prices(self, product: Row) -> dict[str, Decimal]:
        """Its amounts by interval, as we write intervals."""
        if product["pricing_type"] == "free":
            return {"month": Decimal("0.00")}
        if product["recurring"] != "1":
            return {"once": money(product["amount"])}
        prices = {every(product["duration"], product["duration_unit"]): money(product["amount"])}
        variations = self.data(product, "price_variations")
        for other in variations.values() if isinstance(variations, dict) else variations or ():
            interval = every(str(other.get("duration") or 1), str(other.get("duration_unit") or "month"))
            prices.setdefault(interval, money(str(other.get("amount") or 0)))
        return prices


def product_rows(catalogue: Catalogue, notes: list[str]) -> Iterator[dict[str, str]]:
    """Plans first, since the others name them."""
    by_type = sorted(catalogue.products, key=lambda row: (row["type"] != "plan", int(row["id"])))
    for product in by_type:
        reason = _why_not(product)
        if reason:
            notes.append(f"product {product['slug']}: {reason}; it is left out")
            continue
        yield _row(product, catalogue, notes)


def code_of(product: Row) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", product["slug"].lower()).strip("-")[:60] or f"product-{product['id']}"


def money(text: str) -> Decimal:
    """Amounts are kept with four decimals and, by some, with a comma; nobody can be charged half a cent."""
    try:
        amount = Decimal(text.replace(",", ".") or "0").quantize(CENT)
    except InvalidOperation:
        return Decimal("0.00")
    return max(amount, Decimal("0.00"))


def every(duration: str, unit: str) -> str:
    """`3 months` or `year`; 12 months are a year."""
    count = int(duration or 0) or 1
    if unit == "month" and count % MONTHS_IN_A_YEAR == 0:
        unit, count = "year", count // MONTHS_IN_A_YEAR
    return (unit or "month") if count == 1 else f"{count} {unit}s"


def _why_not(product: Row) -> str:
    if product["type"] not in KNOWN_TYPES:
        return f"its type is {product['type'] or 'none'}"
    if product["pricing_type"] == "contact_us":
        return "it has no price, but a button to get in touch"
    if product["type"] == "package" and product["recurring"] != "1" and product["pricing_type"] != "free":
        return "a package is paid per period here, and this one is paid once"
    return ""


def _row(product: Row, catalogue: Catalogue, notes: list[str]) -> dict[str, str]:
    is_plan, is_service = product["type"] == "plan", product["type"] == "service"
    prices, is_on_sale = catalogue.prices(product), product["active"] == "1"
    if is_plan and "once" in prices:
        notes.append(f"product {product['slug']}: it is paid once; here it costs nothing, and is not on sale")
        prices, is_on_sale = {"month": Decimal("0.00")}, False
    row = {
        "code": code_of(product),
        "type": product["type"],
        "name": product["name"][:80],
        "description": _plain(product["description"])[:240],
        "active": "yes" if is_on_sale else "no",
        "currency": product["currency"].upper(),
        "prices": "; ".join(f"{amount} {interval}" for interval, amount in prices.items()),
        "setup_fee": _unless_nothing(money(product["setup_fee"])),
        "trial_days": _unless_nothing(
            int(product["trial_duration"] or 0) * DAYS.get(product["trial_duration_unit"], 0)
        ),
    }
    if is_plan:
        row |= {"group": product["product_group"], "rank": str(max(int(product["list_order"] or 10), 0))}
    else:
        row["available_with"] = "; ".join(_plans_with(product, catalogue))
    if not is_service:
        row |= limits_of(catalogue.data(product, "wu_limitations"), is_plan=is_plan)
    return row


def _plans_with(addon: Row, catalogue: Catalogue) -> list[str]:
    """The plans that offer it; all of them, when none says so."""
    plans = [row for row in catalogue.products if row["type"] == "plan" and not _why_not(row)]
    offering = []
    for plan in plans:
        offered = catalogue.data(plan, "wu_available_addons")
        if addon["id"] in map(str, offered.values() if isinstance(offered, dict) else offered or ()):
            offering.append(code_of(plan))
    return offering or [code_of(plan) for plan in plans]


def limits_of(modules: Any, *, is_plan: bool) -> dict[str, str]:
    """What a product allows. There, a quota that is switched off limits nothing in a plan and adds nothing in a
    package, and 0 is unlimited; domains and the footer are not allowed unless they are switched on."""
    of = modules.get("modules", modules) if isinstance(modules, dict) else {}
    limits = {
        "limit_sites": _quota(of, "sites", is_plan=is_plan) if not is_plan else _sites(of),
        "limit_visits": _quota(of, "visits", is_plan=is_plan),
        "limit_disk": _in_megabytes(_quota(of, "disk_space", is_plan=is_plan)),
        "limit_posts": _part(of, "post_types", "post", is_plan=is_plan),
        "limit_pages": _part(of, "post_types", "page", is_plan=is_plan),
        "limit_users": _users(of, is_plan=is_plan),
        "limit_domains": _domains(of),
        "limit_no_footer_credit": "yes"
        if _is_on(of.get("hide_credits") or of.get("hide_footer_credits"))
        else "",
        "limit_contact_forms": "yes" if is_plan else "",
    }
    return {column: amount for column, amount in limits.items() if amount}


def _is_on(module: Any) -> bool:
    return isinstance(module, dict) and str(module.get("enabled", "")).lower() in {"1", "true"}


def _amount(limit: Any) -> str:
    text = str(limit or "").strip()
    return text if text.isdecimal() and int(text) else UNLIMITED


def _quota(of: Mapping[str, Any], name: str, *, is_plan: bool) -> str:
    module = of.get(name) or {}
    if not _is_on(module):
        return UNLIMITED if is_plan else ""
    return _amount(module.get("limit"))


def _sites(of: Mapping[str, Any]) -> str:
    """A plan that says nothing gives one: more than that needs a switch of the whole network there."""
    amount = _quota(of, "sites", is_plan=False)
    return "1" if amount in {"", UNLIMITED} else amount


def _part(of: Mapping[str, Any], name: str, part: str, *, is_plan: bool) -> str:
    module = of.get(name) or {}
    if not _is_on(module):
        return UNLIMITED if is_plan else ""
    parts = module.get("limit")
    told = parts.get(part) if isinstance(parts, dict) else None
    if told is None:
        return UNLIMITED if is_plan else ""
    return _amount(told.get("number")) if _is_on(told) else ""


def _users(of: Mapping[str, Any], *, is_plan: bool) -> str:
    module = of.get("users") or {}
    if not _is_on(module):
        return UNLIMITED if is_plan else ""
    roles = module.get("limit")
    amounts = [_amount(role.get("number")) for role in (roles or {}).values() if _is_on(role)]
    if UNLIMITED in amounts:
        return UNLIMITED
    return str(sum(map(int, amounts)) or "")


def _domains(of: Mapping[str, Any]) -> str:
    module = of.get("domain_mapping") or {}
    if not _is_on(module):
        return ""
    limit = module.get("limit")
    return UNLIMITED if limit is True else _amount(limit)


def _in_megabytes(amount: str) -> str:
    return f"{amount} MB" if amount.isdecimal() else amount


def _plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def _unless_nothing(amount: Decimal | int) -> str:
    return str(amount) if amount else ""
