"""What a membership has, for how long it was billed, and which code is in force."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check
from memberships.operations.recurring import MONTHLY

# What was charged for a stretch of time and not undone since; and the time a plan was had, with what staff gave of it.
BILLED = """
    WITH billed AS (
        SELECT i.membership_id, l.item_id, l.product_id, l.covers_start, l.covers_end
        FROM memberships_invoiceline l JOIN memberships_invoice i ON i.id = l.invoice_id
        WHERE l.type = 'charge' AND l.covers_end IS NOT NULL AND i.corrects_id IS NULL
          AND NOT EXISTS (
              SELECT FROM memberships_invoice c WHERE c.corrects_id = i.id AND c.kind = 'undo'
          )
    ), had AS (
        SELECT billed.membership_id, covers_start, covers_end
        FROM billed JOIN products_product p ON p.id = billed.product_id AND p.type = 'plan'
        UNION ALL SELECT membership_id, ended_at, ends_at FROM memberships_periodextension
    ), plans AS (
        SELECT membership_id, covers_start, lag(covers_start) OVER w AS start_before,
               max(covers_end) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS end_before
        FROM had WINDOW w AS (PARTITION BY membership_id ORDER BY covers_start, covers_end)
    )
"""

CHECKS = (
    Check(
        code="period_gap",
        says=gettext_noop(
            "Had a plan that costs something, and nothing was billed from %(gap_from)s to %(gap_to)s."
        ),
        given=BILLED,
        sql="""
            SELECT 'membership ' || m.uid AS subject, end_before AS gap_from, covers_start AS gap_to
            FROM plans JOIN memberships_membership m ON m.id = plans.membership_id
            WHERE covers_start > end_before
              AND EXISTS (
                  SELECT FROM memberships_membershipitem i JOIN products_product p ON p.id = i.product_id
                  WHERE i.membership_id = m.id AND p.type = 'plan' AND i.unit_price > 0
                    AND i.added_at <= end_before AND coalesce(i.ended_at, covers_start) >= covers_start
              )
              AND NOT EXISTS (
                  SELECT FROM memberships_transition t
                  WHERE t.membership_id = m.id AND t.kind IN ('expired', 'cancelled')
                    AND t.at BETWEEN start_before AND covers_start
              )
        """,
    ),
    Check(
        code="period_not_billed",
        says=gettext_noop(
            "Its period ends at %(period_end)s, and what it has is billed until %(billed_until)s."
        ),
        given=BILLED,
        sql="""
            SELECT 'membership ' || m.uid AS subject, m.period_end, max(billed.covers_end) AS billed_until
            FROM memberships_membership m
            LEFT JOIN memberships_membershipitem i ON i.membership_id = m.id AND i.ended_at IS NULL
            LEFT JOIN billed ON billed.item_id = i.id
            WHERE m.state IN ('active', 'past_due') AND m.period_end IS NOT NULL
            GROUP BY m.id HAVING max(billed.covers_end) IS DISTINCT FROM m.period_end AND NOT EXISTS (
                SELECT FROM memberships_periodextension given
                JOIN memberships_periodextension first USING (membership_id)
                WHERE given.membership_id = m.id AND given.ends_at = m.period_end
                  AND first.ended_at = max(billed.covers_end)
            )
              -- what an imported membership had paid for was billed elsewhere
              AND NOT (max(billed.covers_end) IS NULL AND EXISTS (
                  SELECT FROM memberships_transition t WHERE t.membership_id = m.id AND t.kind = 'imported'
              ))
        """,
    ),
    Check(
        code="renewal_missed",
        says=gettext_noop("Its period ended at %(ended)s, and no bill of the next one was made."),
        sql="""
            SELECT 'membership ' || m.uid AS subject, coalesce(m.period_end, m.trial_end) AS ended
            FROM memberships_membership m
            WHERE m.state IN ('active', 'trialing') AND coalesce(m.period_end, m.trial_end) < %(long_ago)s
              AND NOT EXISTS (SELECT FROM checkout_order o WHERE o.membership_id = m.id AND o.state = 'open')
        """,
    ),
    Check(
        code="overdue_without_bill",
        says=gettext_noop("Overdue since %(past_due_since)s, and there is no bill to pay."),
        sql="""
            SELECT 'membership ' || m.uid AS subject, m.past_due_since FROM memberships_membership m
            WHERE m.state = 'past_due' AND m.past_due_since < %(recent)s
              AND NOT EXISTS (SELECT FROM checkout_order o WHERE o.membership_id = m.id AND o.state = 'open')
        """,
    ),
    Check(
        code="plans",
        says=gettext_noop("Has %(plans)s plans instead of one."),
        sql="""
            SELECT 'membership ' || m.uid AS subject, count(p.id) AS plans
            FROM memberships_membership m
            LEFT JOIN memberships_membershipitem i ON i.membership_id = m.id AND i.ended_at IS NULL
            LEFT JOIN products_product p ON p.id = i.product_id AND p.type = 'plan'
            WHERE m.state IN ('trialing', 'active', 'past_due')
            GROUP BY m.id HAVING count(p.id) <> 1
        """,
    ),
    Check(
        code="discount_used_up",
        says=gettext_noop("Its code %(code)s is in force with no periods left."),
        sql="""
            SELECT 'membership ' || m.uid AS subject, u.terms ->> 'code' AS code
            FROM memberships_discountuse u JOIN memberships_membership m ON m.id = u.membership_id
            WHERE u.state = 'live' AND (u.terms ->> 'periods_left')::int <= 0
        """,
    ),
    Check(
        code="code_held_for_nothing",
        says=gettext_noop(
            "A use of the code %(code)s is reserved since %(reserved_at)s, for nothing that is to come."
        ),
        sql="""
            SELECT 'membership ' || m.uid AS subject, u.terms ->> 'code' AS code, u.reserved_at
            FROM memberships_discountuse u JOIN memberships_membership m ON m.id = u.membership_id
            WHERE u.state = 'reserved' AND u.reserved_at < %(recent)s
              AND NOT EXISTS (
                  SELECT FROM checkout_order o WHERE 'order-' || o.uid = u.reference AND o.state = 'open'
              )
              AND NOT EXISTS (
                  SELECT FROM memberships_scheduledchange c WHERE c.discount_use_id = u.id AND c.state = 'pending'
              )
        """,
    ),
    Check(
        code="recurring_amount",
        says=gettext_noop(
            "Brings %(brings)s a month, its last row says %(last)s, and its changes add up to %(sum)s."
        ),
        given=f"WITH {MONTHLY}",
        sql="""
            , summed AS (
                SELECT membership_id, sum(delta) AS sum FROM memberships_recurringamount GROUP BY membership_id
            )
            SELECT 'membership ' || m.uid AS subject, coalesce(monthly.amount, 0) AS brings,
                   coalesce(standing.amount, 0) AS last, coalesce(summed.sum, 0) AS sum
            FROM monthly FULL JOIN standing USING (membership_id) LEFT JOIN summed USING (membership_id)
            JOIN memberships_membership m ON m.id = membership_id
            WHERE coalesce(monthly.amount, 0) <> coalesce(standing.amount, 0)
               OR coalesce(standing.amount, 0) <> coalesce(summed.sum, 0)
        """,
    ),
)
