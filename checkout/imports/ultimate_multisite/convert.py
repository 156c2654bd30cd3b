"""From its tables to our rows, and a note for everything that a person should know of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from checkout.imports.ultimate_multisite.members import member_rows
from checkout.imports.ultimate_multisite.products import Catalogue, product_rows
from checkout.imports.ultimate_multisite.tables import Row, Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The rows of our two files, and what did not go into them."""

    products: list[dict[str, str]]
    memberships: list[dict[str, str]]
    notes: list[str] = field(default_factory=list)


def convert(tables: Tables) -> Converted:
    notes: list[str] = []
    catalogue = Catalogue(
        products=tables["wu_products"], meta=meta_of(tables, "wu_productmeta", "wu_product_id")
    )
    products = list(product_rows(catalogue, notes))
    memberships = list(member_rows(tables, catalogue, notes))
    notes.extend(_unpaid(tables))
    return Converted(products=products, memberships=memberships, notes=notes)


def meta_of(tables: Tables, table: str, key: str) -> Mapping[str, Row]:
    """What WordPress keeps beside a row, by its id and its name."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in tables.get(table, ()):
        found[row[key]][row["meta_key"]] = row["meta_value"]
    return found


def _unpaid(tables: Tables) -> Iterator[str]:
    for payment in tables.get("wu_payments", ()):
        if payment["status"] == "pending":
            yield (
                f"membership um-{payment['membership_id']}: its payment {payment['id']} of {payment['total']}"
                f" {payment['currency']} is open; it is not imported"
            )
