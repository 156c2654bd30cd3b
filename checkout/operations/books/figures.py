"""The sums of days, which the dashboard reads instead of a million lines, are those of the documents."""

from django.utils.translation import gettext_noop

from checkout.operations.books.check import Check
from checkout.operations.figures.days import of_documents

UNTIL = "(SELECT day::timestamp AT TIME ZONE %(zone)s FROM checkout_invoiceduntil)"

CHECKS = (
    # documents that came since are no fault: the sums are made anew within the hour
    Check(
        code="day_of_invoices",
        says=gettext_noop(
            "Is kept as %(kept)s in %(kept_count)s, and the documents make %(made)s in %(made_count)s."
        ),
        given=f"""
            WITH made AS ({of_documents(until=UNTIL)})
        """,
        sql=f"""
            SELECT concat_ws(' ', 'day', day, currency, 'product ' || nullif(product, 0)) AS subject,
                   coalesce(kept.net, 0) AS kept, coalesce(kept.count, 0) AS kept_count,
                   coalesce(made.net, 0) AS made, coalesce(made.count, 0) AS made_count
            FROM (SELECT *, coalesce(product_id, 0) AS product FROM checkout_invoicedday) AS kept
            FULL JOIN (SELECT *, coalesce(product_id, 0) AS product FROM made) AS made USING (day, currency, product)
            WHERE (kept.net, kept.count) IS DISTINCT FROM (made.net, made.count)
              AND (SELECT documents FROM checkout_invoiceduntil)
                = (SELECT count(*) FROM memberships_invoice WHERE issued_at < {UNTIL})
        """,  # noqa: S608 -- constants of this file
    ),
)
