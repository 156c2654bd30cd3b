"""Each paid order has exactly one payment, one invoice and one applied change, and nothing else has any."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check

# An order that took effect, with the name that its effects bear and what was promised with it.
APPLIED = """
    WITH applied AS (
        SELECT o.*, 'order-' || o.uid AS reference, 'order ' || o.uid AS subject,
               (q.result ->> 'due_now')::bigint AS due,
               q.result ->> 'effective' <> 'period_end' AND jsonb_array_length(q.result -> 'lines') > 0 AS is_billed
        FROM checkout_order o JOIN checkout_quote q ON q.id = o.quote_id
        WHERE o.state IN ('fulfilled', 'undone')
    )
"""

CHECKS = (
    Check(
        code="paid_not_applied",
        says=gettext_noop("Paid at %(settled_at)s and neither applied nor credited."),
        sql="""
            SELECT coalesce('order ' || o.uid, 'payment ' || p.uid) AS subject, p.settled_at
            FROM memberships_payment p LEFT JOIN checkout_order o ON o.payment_id = p.id
            WHERE p.state = 'paid' AND p.settled_at < %(recent)s
              AND (o.id IS NULL OR o.state NOT IN ('fulfilled', 'credited', 'undone'))
        """,
    ),
    Check(
        code="free_not_applied",
        says=gettext_noop("Due nothing, confirmed at %(created_at)s and not applied."),
        sql="""
            SELECT 'order ' || uid AS subject, created_at FROM checkout_order
            WHERE state = 'open' AND payment_id IS NULL AND created_at < %(recent)s
        """,
    ),
    Check(
        code="applied_unpaid",
        says=gettext_noop("Applied for %(due)s, while its payment is %(amount)s and %(payment_state)s."),
        given=APPLIED,
        sql="""
            SELECT subject, due, coalesce(p.amount, 0) AS amount, coalesce(p.state, '-') AS payment_state
            FROM applied LEFT JOIN memberships_payment p ON p.id = applied.payment_id
            WHERE CASE WHEN due > 0
                       THEN p.id IS NULL OR p.state <> 'paid' OR p.captured <> due
                            OR p.membership_id <> applied.membership_id
                       ELSE p.id IS NOT NULL END
        """,
    ),
    Check(
        code="order_without_invoice",
        says=gettext_noop("Applied, and there is no invoice for it."),
        given=APPLIED,
        sql="""
            SELECT subject FROM applied
            WHERE is_billed AND NOT EXISTS (SELECT FROM memberships_invoice i WHERE i.reference = applied.reference)
        """,
    ),
    Check(
        code="invoice_differs_from_order",
        says=gettext_noop("Its invoice %(number)s is due %(invoiced)s and it was promised for %(due)s."),
        given=APPLIED,
        sql="""
            SELECT subject, i.number, i.due AS invoiced, applied.due
            FROM applied JOIN memberships_invoice i ON i.reference = applied.reference
            WHERE NOT is_billed OR i.due <> applied.due OR i.payment_id IS DISTINCT FROM applied.payment_id
               OR i.membership_id <> applied.membership_id
        """,
    ),
    Check(
        code="invoice_without_order",
        says=gettext_noop("It is for the order %(reference)s, which was not applied."),
        given=APPLIED,
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.reference FROM memberships_invoice i
            WHERE i.reference LIKE 'order-%%'
              AND NOT EXISTS (SELECT FROM applied WHERE applied.reference = i.reference)
        """,
    ),
    Check(
        code="order_without_change",
        says=gettext_noop("Applied, and the history of its membership does not tell of it."),
        given=APPLIED,
        sql="""
            SELECT subject FROM applied
            WHERE NOT EXISTS (
                SELECT FROM memberships_transition t
                WHERE t.membership_id = applied.membership_id AND t.reference = applied.reference
                  AND t.kind = applied.kind
            )
        """,
    ),
    Check(
        code="change_without_order",
        says=gettext_noop("Its history tells of the order %(reference)s, which was not applied to it."),
        given=APPLIED,
        sql="""
            SELECT 'membership ' || m.uid AS subject, t.reference
            FROM memberships_transition t JOIN memberships_membership m ON m.id = t.membership_id
            WHERE t.reference LIKE 'order-%%'
              AND NOT EXISTS (
                  SELECT FROM applied
                  WHERE applied.reference = t.reference AND applied.membership_id = t.membership_id
                    AND applied.kind = t.kind
              )
        """,
    ),
    Check(
        code="undone_by_half",
        says=gettext_noop("Undone, and its bill or its place in the history was not taken back with it."),
        given=APPLIED,
        sql="""
            SELECT subject FROM applied
            LEFT JOIN memberships_invoice bill ON bill.reference = applied.reference
            LEFT JOIN memberships_invoice back
                   ON back.corrects_id = bill.id AND back.reference = 'undo-' || applied.uid
            WHERE state = 'undone' AND (
                bill.net + bill.tax <> -coalesce(back.net + back.tax, 0)
                OR NOT EXISTS (
                    SELECT FROM memberships_transition t
                    WHERE t.membership_id = applied.membership_id AND t.reference = 'undo-' || applied.uid
                )
            )
        """,
    ),
)
