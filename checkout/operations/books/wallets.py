"""A wallet's balance is the sum of its entries by its nature. What can be wrong is an entry that nothing caused, and a
document that moved the wallet without an entry."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check

CHECKS = (
    Check(
        code="wallet_entry_without_cause",
        says=gettext_noop("%(amount)s (%(reason)s, %(reference)s) moved its wallet, and nothing says why."),
        sql="""
            SELECT 'membership ' || m.uid AS subject, e.amount, e.reason, e.reference
            FROM memberships_walletentry e
            JOIN memberships_membership m ON m.id = e.membership_id
            LEFT JOIN memberships_invoice i ON i.reference = e.reference AND i.membership_id = e.membership_id
            WHERE NOT CASE
                WHEN e.reason = 'adjustment' THEN e.note <> ''
                WHEN e.reason IN ('used', 'carried', 'undone', 'change_credit') AND e.reference NOT LIKE 'unused-%%'
                    THEN coalesce(i.wallet_added - i.wallet_used = e.amount, false)
                WHEN e.reason = 'change_credit' THEN e.amount >= coalesce((
                    SELECT sum(n.wallet_added) FROM memberships_invoice n
                    WHERE n.membership_id = e.membership_id AND n.reference LIKE e.reference || '-%%'
                ), 0)
                WHEN e.reason = 'late_payment' AND e.reference LIKE 'order-%%' THEN EXISTS (
                    SELECT FROM checkout_order o JOIN memberships_payment p ON p.id = o.payment_id
                    WHERE 'order-' || o.uid = e.reference AND o.state = 'credited' AND p.captured = e.amount
                      AND o.membership_id = e.membership_id
                )
                WHEN e.reason IN ('late_payment', 'overpaid') THEN EXISTS (
                    SELECT FROM memberships_payment p
                    WHERE starts_with(e.reference, 'receipts-' || p.uid) AND p.membership_id = e.membership_id
                )
                WHEN e.reason = 'mismatch' THEN EXISTS (
                    SELECT FROM memberships_attempt a JOIN memberships_payment p ON p.id = a.payment_id
                    WHERE 'attempt-' || a.uid = e.reference AND a.state = 'succeeded'
                      AND p.membership_id = e.membership_id
                )
                WHEN e.reason IN ('refunded', 'refund_failed') THEN EXISTS (
                    SELECT FROM memberships_refund r JOIN memberships_payment p ON p.id = r.payment_id
                    WHERE 'refund-' || r.uid = e.reference AND p.membership_id = e.membership_id
                      AND r.state = CASE e.reason WHEN 'refunded' THEN 'succeeded' ELSE 'failed' END
                )
                ELSE false
            END
        """,
    ),
    Check(
        code="wallet_not_moved",
        says=gettext_noop(
            "It moves the wallet by %(moves)s, and the wallet's entries for it make %(entries)s."
        ),
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.wallet_added - i.wallet_used AS moves,
                   coalesce(sum(e.amount), 0)::bigint AS entries
            FROM memberships_invoice i
            LEFT JOIN memberships_walletentry e
                   ON e.membership_id = i.membership_id AND e.reference = i.reference AND e.reason <> 'refund_failed'
            WHERE i.reference NOT LIKE 'unused-%%'
            GROUP BY i.id HAVING coalesce(sum(e.amount), 0) <> i.wallet_added - i.wallet_used
        """,
    ),
    Check(
        code="unused_time_not_credited",
        says=gettext_noop("It gives %(moves)s back for unused time, and the wallet has no entry for it."),
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.wallet_added AS moves FROM memberships_invoice i
            WHERE i.reference LIKE 'unused-%%' AND i.wallet_added > 0
              AND NOT EXISTS (
                  SELECT FROM memberships_walletentry e
                  WHERE e.membership_id = i.membership_id AND e.reason = 'change_credit'
                    AND i.reference = e.reference || '-' || (
                        SELECT o.number FROM memberships_invoice o WHERE o.id = i.corrects_id
                    )
              )
        """,
    ),
)
