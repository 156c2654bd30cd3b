"""What discount codes brought and cost, from the bills on which they took something off."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

# A bill belongs to the code that its order's price was computed with; a credit note to what it takes back.
BILLS = """
    WITH bill AS (
        SELECT invoice.id, discount.id AS discount, invoice.currency
        FROM products_discount discount
        JOIN memberships_discountuse used ON used.discount_id = discount.id AND used.state <> 'released'
        JOIN checkout_order placed ON placed.membership_id = used.membership_id
        JOIN checkout_quote quote ON quote.id = placed.quote_id
        JOIN memberships_invoice invoice ON invoice.reference = 'order-' || placed.uid
        WHERE discount.id = ANY(%s)
          AND coalesce(
              quote.scenario #>> '{selection,discount,code}', quote.scenario #>> '{membership,discount,code}'
          ) = discount.code
        GROUP BY invoice.id, discount.id
    )
    SELECT bill.currency, count(DISTINCT bill.id), sum(line.discount), sum(line.net)
    FROM bill
    JOIN memberships_invoice document ON document.id = bill.id OR document.corrects_id = bill.id
    JOIN memberships_invoiceline line ON line.invoice_id = document.id
    WHERE EXISTS (SELECT FROM memberships_invoiceline cut WHERE cut.invoice_id = bill.id AND cut.discount <> 0)
    GROUP BY bill.currency ORDER BY bill.currency
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """In one currency, in minor units: on how many bills the codes took something off, how much, and what is left of
    these bills without tax. What was taken back of a bill is not in the sums."""

    currency: str
    bills: int
    given: int
    revenue: int


def performance_of(codes: Collection[int]) -> list[Performance]:
    """What the codes with these ids did together. One statement, which follows the memberships that used them."""
    with connection.cursor() as cursor:
        cursor.execute(BILLS, [list(codes)])
        return [
            Performance(currency=currency, bills=bills, given=int(given), revenue=int(revenue))
            for currency, bills, given, revenue in cursor.fetchall()
        ]
