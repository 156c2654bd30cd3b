"""What memberships bring in a month, and the changes of it, one row each: the monthly recurring revenue is their sum.

Both are worked out by the database from what is there: the items, the code in force, the interval.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from memberships.models import Membership

# The memberships that bring something, with the plan and the amount. Nothing is rounded but the amount, once. Weeks and
# days are parts of a year of 365 days. A trial has no period, nor has a free membership or an overdue first bill.
MONTHLY = """
    charges AS (
        SELECT m.id AS membership_id, m.interval_unit, m.interval_count, i.tax_percent, p.id AS product_id, p.type,
               i.unit_price::numeric * i.quantity AS gross, u.terms,
               CASE WHEN u.terms ->> 'products' IS NULL OR u.terms -> 'products' ? p.code
                    THEN i.unit_price::numeric * i.quantity ELSE 0 END AS covered
        FROM memberships_membership m
        JOIN memberships_membershipitem i ON i.membership_id = m.id AND i.ended_at IS NULL
        JOIN products_product p ON p.id = i.product_id
        JOIN products_price r ON r.id = i.price_id AND r.interval_unit <> 'once'
        LEFT JOIN memberships_discountuse u ON u.membership_id = m.id AND u.state = 'live'
        WHERE m.state IN ('active', 'past_due') AND m.period_end IS NOT NULL
    ), reduced AS (
        SELECT *, gross - CASE
            WHEN terms ->> 'percent' IS NOT NULL THEN covered * (terms ->> 'percent')::numeric / 100
            WHEN terms ->> 'amount' IS NOT NULL THEN coalesce(
                least((terms ->> 'amount')::numeric, sum(covered) OVER members)
                    * covered / nullif(sum(covered) OVER members, 0), 0)
            ELSE 0 END AS asked
        FROM charges WINDOW members AS (PARTITION BY membership_id)
    ), monthly AS (
        SELECT membership_id, coalesce(max(product_id) FILTER (WHERE type = 'plan'), max(product_id)) AS plan_id,
               round(sum(CASE WHEN %(tax_included)s THEN asked * 100 / (100 + tax_percent) ELSE asked END)
                     / CASE interval_unit WHEN 'month' THEN interval_count WHEN 'year' THEN interval_count * 12
                       WHEN 'week' THEN interval_count * 7 * 12 / 365.0 ELSE interval_count * 12 / 365.0 END
               )::bigint AS amount
        FROM reduced GROUP BY membership_id, interval_unit, interval_count
    ), standing AS (
        SELECT DISTINCT ON (membership_id) membership_id, plan_id, amount
        FROM memberships_recurringamount ORDER BY membership_id, id DESC
    )
"""
OUT_OF_LINE = f"""
    WITH {MONTHLY}
    SELECT coalesce(monthly.membership_id, standing.membership_id)
    FROM monthly FULL JOIN standing USING (membership_id)
    WHERE coalesce(monthly.amount, 0) <> coalesce(standing.amount, 0)
"""  # noqa: S608 -- constants of this file
_OF_ONE = MONTHLY.replace("WHERE m.state", "WHERE m.id = %(membership)s AND m.state").replace(
    "ORDER BY membership_id", "WHERE membership_id = %(membership)s ORDER BY membership_id"
)
RECORD = f"""
    WITH {_OF_ONE}
    INSERT INTO memberships_recurringamount
        (membership_id, currency, plan_id, movement, delta, amount, at, reference)
    SELECT m.id, m.currency,
           CASE WHEN monthly.amount > 0 THEN monthly.plan_id ELSE standing.plan_id END,
           coalesce(
               (SELECT movement FROM memberships_recurringamount
                WHERE membership_id = m.id AND reference = %(undone)s AND reference <> ''),
               CASE WHEN coalesce(standing.amount, 0) = 0 THEN
                        CASE WHEN EXISTS (SELECT FROM memberships_recurringamount
                                          WHERE membership_id = m.id AND movement = 'churn')
                             THEN 'reactivation' ELSE 'new' END
                    WHEN coalesce(monthly.amount, 0) = 0 THEN 'churn'
                    WHEN monthly.amount > standing.amount THEN 'expansion' ELSE 'contraction' END),
           coalesce(monthly.amount, 0) - coalesce(standing.amount, 0), coalesce(monthly.amount, 0),
           %(at)s, %(reference)s
    FROM memberships_membership m
    LEFT JOIN monthly ON monthly.membership_id = m.id
    LEFT JOIN standing ON standing.membership_id = m.id
    WHERE m.id = %(membership)s AND coalesce(monthly.amount, 0) <> coalesce(standing.amount, 0)
"""  # noqa: S608 -- constants of this file


def record_recurring_amount(
    *, membership: Membership, reference: str = "", undone: str = "", now: datetime
) -> bool:
    """Write down what `membership` brings in a month from `now` on, if that has changed. True when it has.

    Belongs, at its end, into the transaction of the change, which holds the membership's lock. `undone` is the
    reference of a change that is taken back. One statement.
    """
    assert connection.in_atomic_block, "a change of revenue is written down with what changes it"
    with connection.cursor() as cursor:
        cursor.execute(
            RECORD,
            {
                "membership": membership.pk,
                "tax_included": settings.PRICES_INCLUDE_TAX,
                "at": now,
                "reference": reference,
                "undone": undone,
            },
        )
        return bool(cursor.rowcount)


def out_of_line() -> Sequence[int]:
    """The memberships that bring something else than their last row says. None, unless rows were changed by hand."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_LINE, {"tax_included": settings.PRICES_INCLUDE_TAX})
        return [membership_id for (membership_id,) in cursor.fetchall()]


def bring_into_line(*, membership_id: int, now: datetime) -> bool:
    """Write down what was missed of one membership. True when something was. Raises Membership.DoesNotExist."""
    with transaction.atomic():
        membership = Membership.objects.select_for_update().get(pk=membership_id)
        return record_recurring_amount(membership=membership, reference="sweep", now=now)
