"""Invoices are numbered without gaps, are the sum of their lines, and are taken back at most once."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check

CHECKS = (
    Check(
        code="invoice_numbers",
        says=gettext_noop(
            "%(count)s invoices, the highest number is %(highest)s, the counter says %(last)s; missing: %(missing)s."
        ),
        sql="""
            WITH numbered AS (
                SELECT split_part(number, '-', 1)::int AS year, split_part(number, '-', 2)::int AS place
                FROM memberships_invoice
            ), years AS (
                SELECT year, count(*) AS count, max(place) AS highest FROM numbered GROUP BY year
            ), compared AS (
                SELECT year, coalesce(count, 0) AS count, coalesce(highest, 0) AS highest, coalesce(last, 0) AS last
                FROM years FULL JOIN memberships_invoicecounter USING (year)
            )
            SELECT 'year ' || year AS subject, count, highest, last, coalesce((
                SELECT string_agg(place::text, ', ') FROM (
                    SELECT place FROM generate_series(1, greatest(highest, last)) AS place
                    EXCEPT SELECT place FROM numbered WHERE numbered.year = compared.year
                    ORDER BY place LIMIT 10
                ) AS gone
            ), '-') AS missing
            FROM compared WHERE count <> highest OR highest <> last
        """,
    ),
    Check(
        code="invoice_lines",
        says=gettext_noop("Says %(net)s and %(tax)s tax; its lines make %(lines_net)s and %(lines_tax)s."),
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.net, i.tax,
                   coalesce(sum(l.net), 0)::bigint AS lines_net, coalesce(sum(l.tax), 0)::bigint AS lines_tax
            FROM memberships_invoice i LEFT JOIN memberships_invoiceline l ON l.invoice_id = i.id
            GROUP BY i.id HAVING i.net <> coalesce(sum(l.net), 0) OR i.tax <> coalesce(sum(l.tax), 0)
        """,
    ),
    Check(
        code="invoice_unpaid",
        says=gettext_noop("Due %(due)s, while its payment took %(captured)s."),
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.due, p.captured
            FROM memberships_invoice i JOIN memberships_payment p ON p.id = i.payment_id
            WHERE i.due <> p.captured
        """,
    ),
    Check(
        code="taken_back_too_much",
        says=gettext_noop("It came to %(total)s, and %(taken)s of it was taken back."),
        sql="""
            WITH corrected AS (
                SELECT i.number, i.net + i.tax AS total, -sum(c.net + c.tax)::bigint AS taken
                FROM memberships_invoice i JOIN memberships_invoice c ON c.corrects_id = i.id GROUP BY i.id
            )
            SELECT 'invoice ' || number AS subject, total, taken FROM corrected
            WHERE taken <> 0 AND (abs(taken) > abs(total) OR sign(taken) <> sign(total))
        """,
    ),
    Check(
        code="line_taken_back_too_much",
        says=gettext_noop("Its line %(line)s came to %(net)s, and %(taken)s of it was taken back."),
        sql="""
            WITH corrected AS (
                SELECT l.id, l.invoice_id, l.description AS line, l.net, -sum(c.net)::bigint AS taken,
                       l.tax, -sum(c.tax)::bigint AS tax_taken
                FROM memberships_invoiceline l JOIN memberships_invoiceline c ON c.corrects_id = l.id GROUP BY l.id
            )
            SELECT 'invoice ' || i.number AS subject, line, corrected.net, taken
            FROM corrected JOIN memberships_invoice i ON i.id = corrected.invoice_id
            WHERE (taken <> 0 AND (abs(taken) > abs(corrected.net) OR sign(taken) <> sign(corrected.net)))
               OR (tax_taken <> 0 AND (abs(tax_taken) > abs(corrected.tax) OR sign(tax_taken) <> sign(corrected.tax)))
        """,
    ),
    Check(
        code="given_back_by_nothing",
        says=gettext_noop("Says that %(refunded)s went back, and there is no refund that did it."),
        sql="""
            SELECT 'invoice ' || i.number AS subject, i.refunded FROM memberships_invoice i
            WHERE i.refunded > 0
              AND NOT EXISTS (
                  SELECT FROM memberships_refund r WHERE r.credit_note_id = i.id AND r.amount = i.refunded
              )
        """,
    ),
)
