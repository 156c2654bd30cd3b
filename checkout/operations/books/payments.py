"""A payment is paid by exactly one try or by what arrived in the bank, and gives back no more than it took."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check

CHECKS = (
    Check(
        code="paid_by_nothing",
        says=gettext_noop("Paid, and no try of it succeeded."),
        sql="""
            SELECT 'payment ' || p.uid AS subject FROM memberships_payment p
            WHERE p.state = 'paid'
              AND NOT EXISTS (SELECT FROM memberships_attempt a WHERE a.payment_id = p.id AND a.state = 'succeeded')
        """,
    ),
    Check(
        code="succeeded_for_nothing",
        says=gettext_noop("A try of it succeeded at %(finished_at)s, and it is still open."),
        sql="""
            SELECT 'payment ' || p.uid AS subject, a.finished_at
            FROM memberships_payment p JOIN memberships_attempt a ON a.payment_id = p.id
            WHERE a.state = 'succeeded' AND p.state = 'open'
        """,
    ),
    Check(
        code="transfer_without_receipts",
        says=gettext_noop("Paid %(captured)s by bank transfer, of which %(arrived)s has arrived."),
        sql="""
            SELECT 'payment ' || p.uid AS subject, p.captured, coalesce(sum(r.amount), 0)::bigint AS arrived
            FROM memberships_payment p
            JOIN memberships_attempt a
              ON a.payment_id = p.id AND a.state = 'succeeded' AND a.method = 'bank_transfer'
            LEFT JOIN memberships_receipt r ON r.payment_id = p.id
            GROUP BY p.id HAVING coalesce(sum(r.amount), 0) < p.captured
        """,
    ),
    Check(
        code="receipts_not_booked",
        says=gettext_noop(
            "%(arrived)s has arrived, %(used)s of it paid the bill and %(kept)s is in the wallet."
        ),
        sql="""
            WITH arrived AS (
                SELECT p.id, p.uid, p.state, p.amount, p.captured, sum(r.amount)::bigint AS arrived,
                       max(r.created_at) AS last_at
                FROM memberships_payment p JOIN memberships_receipt r ON r.payment_id = p.id GROUP BY p.id
            ), kept AS (
                SELECT substr(reference, 10, 36)::uuid AS uid, sum(amount)::bigint AS kept
                FROM memberships_walletentry WHERE reference LIKE 'receipts-%%' GROUP BY 1
            ), booked AS (
                SELECT arrived.*, coalesce(kept.kept, 0) AS kept,
                       CASE WHEN EXISTS (
                           SELECT FROM memberships_attempt a
                           WHERE a.payment_id = arrived.id AND a.state = 'succeeded' AND a.method = 'bank_transfer'
                       ) THEN captured ELSE 0 END AS used
                FROM arrived LEFT JOIN kept USING (uid)
            )
            SELECT 'payment ' || uid AS subject, arrived, used, kept FROM booked
            WHERE last_at < %(recent)s
              AND CASE WHEN state = 'open' THEN arrived >= amount ELSE arrived <> used + kept END
        """,
    ),
    Check(
        code="refunded_too_much",
        says=gettext_noop("Took %(captured)s and gives %(refunded)s back."),
        sql="""
            SELECT 'payment ' || p.uid AS subject, p.captured, sum(r.amount)::bigint AS refunded
            FROM memberships_payment p JOIN memberships_refund r ON r.payment_id = p.id AND r.state <> 'failed'
            GROUP BY p.id HAVING sum(r.amount) > p.captured
        """,
    ),
    Check(
        code="refund_not_booked",
        says=gettext_noop("%(amount)s went back, and neither a credit note nor the wallet says so."),
        sql="""
            SELECT 'refund ' || r.uid AS subject, r.amount
            FROM memberships_refund r JOIN memberships_payment p ON p.id = r.payment_id
            LEFT JOIN memberships_invoice note ON note.id = r.credit_note_id
            WHERE r.state = 'succeeded' AND coalesce(note.refunded, 0) <> r.amount
              AND NOT EXISTS (
                  SELECT FROM memberships_walletentry e
                  WHERE e.membership_id = p.membership_id AND e.reference = 'refund-' || r.uid
                    AND e.reason = 'refunded' AND e.amount = -r.amount
              )
        """,
    ),
    Check(
        code="refund_lost",
        says=gettext_noop(
            "%(amount)s was booked as given back, the bank sent it back, and it is not in the wallet."
        ),
        sql="""
            SELECT 'refund ' || r.uid AS subject, r.amount
            FROM memberships_refund r JOIN memberships_payment p ON p.id = r.payment_id
            WHERE r.state = 'failed' AND r.credit_note_id IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM memberships_walletentry e
                  WHERE e.membership_id = p.membership_id AND e.reference = 'refund-' || r.uid
                    AND e.reason = 'refund_failed' AND e.amount = r.amount
              )
        """,
    ),
    Check(
        code="refund_not_sent",
        says=gettext_noop("Begun at %(created_at)s, and the gateway was not asked yet."),
        sql="""
            SELECT 'refund ' || uid AS subject, created_at FROM memberships_refund
            WHERE state = 'started' AND created_at < %(long_ago)s
        """,
    ),
)
