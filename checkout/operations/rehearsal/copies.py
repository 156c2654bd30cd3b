"""One membership, copied. Temporary tables with the names of the real ones hide these from the current transaction, and
hold the rows of one membership and of who pays for it. What is read and written by those names from then on, is read
and written there: no row of the network is changed, locked or numbered, and the schedule finds one membership only.

They are gone when the transaction ends.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.db import connection
from psycopg import sql

from memberships.models import Membership

NETWORK = "public"
FIRST_NEW_ID = 10**12  # what a rehearsal adds can be told from what it found

HERS = "membership_id = {membership}"
OF_WHO_PAYS = "customer_id = {customer}"
OF_HER_PAYMENTS = (
    "payment_id IN (SELECT id FROM public.memberships_payment WHERE membership_id = {membership})"
)
OF_HER_INVOICES = (
    "invoice_id IN (SELECT id FROM public.memberships_invoice WHERE membership_id = {membership})"
)
OF_HER_CHANGES = (
    "change_id IN (SELECT id FROM public.memberships_scheduledchange WHERE membership_id = {membership})"
)
OF_HER_QUOTES = "quote_id IN (SELECT id FROM public.checkout_quote WHERE membership_id = {membership})"

# Every table of what is paid for and ordered, and the rows of it that belong to one membership.
ROWS: Mapping[str, str] = MappingProxyType(
    {
        "memberships_customer": "id = {customer}",
        "memberships_paymentmethod": OF_WHO_PAYS,
        "memberships_cardsetup": OF_WHO_PAYS,
        "memberships_membership": "id = {membership}",
        "memberships_membershipitem": HERS,
        "memberships_transition": HERS,
        "memberships_recurringamount": HERS,
        "memberships_scheduledchange": HERS,
        "memberships_scheduleditem": OF_HER_CHANGES,
        "memberships_discountuse": HERS,
        "memberships_walletentry": HERS,
        "memberships_payment": HERS,
        "memberships_attempt": OF_HER_PAYMENTS,
        "memberships_receipt": OF_HER_PAYMENTS,
        "memberships_refund": OF_HER_PAYMENTS,
        "memberships_invoicecounter": "true",
        "memberships_invoice": HERS,
        "memberships_invoiceline": OF_HER_INVOICES,
        "memberships_notice": HERS,
        "memberships_note": HERS,
        "memberships_limitoverride": HERS,
        "memberships_periodextension": HERS,
        "memberships_membershiptransfer": HERS,
        "memberships_campaignmember": HERS,
        "memberships_pricecampaign": "true",
        "memberships_inboundevent": "false",
        "checkout_quote": HERS,
        "checkout_quotechoice": OF_HER_QUOTES,
        "checkout_order": HERS,
        "checkout_signup": HERS,
        "checkout_invoicedday": "false",
        "checkout_invoiceduntil": "false",
    }
)


def hide_the_network_behind_copies(*, membership: Membership) -> None:
    """Copy `membership`, as one statement sees it. Must run in a transaction, and first of all in it."""
    assert connection.in_atomic_block, "the copies end with their transaction"
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" ").join(_empty_copies()))
        cursor.execute(_filled(membership))


def _empty_copies() -> Iterable[sql.Composed]:
    """A table like each, with its checks, keys and indexes, without foreign keys and triggers; its own numbers."""
    numbered = _numbered_tables()
    for name in ROWS:
        table = sql.Identifier("pg_temp", name)
        yield sql.SQL(
            "CREATE TEMPORARY TABLE {table} (LIKE {original} INCLUDING ALL) ON COMMIT DROP;"
        ).format(table=table, original=sql.Identifier(NETWORK, name))
        if name in numbered:
            yield sql.SQL("ALTER TABLE {table} ALTER COLUMN id RESTART WITH {first};").format(
                table=table, first=sql.Literal(FIRST_NEW_ID)
            )


def _numbered_tables() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = ANY(%s) AND column_name = 'id' AND is_identity = 'YES'",
            [NETWORK, list(ROWS)],
        )
        return frozenset(name for (name,) in cursor.fetchall())


def _filled(membership: Membership) -> sql.Composed:
    """All rows in one statement, so that they belong together, whatever is committed meanwhile."""
    ids = {"membership": sql.Literal(membership.pk), "customer": sql.Literal(membership.customer_id)}
    copied = [
        sql.SQL("{step} AS (INSERT INTO {table} SELECT * FROM {original} WHERE {hers})").format(
            step=sql.Identifier(f"copied_{name}"),
            table=sql.Identifier("pg_temp", name),
            original=sql.Identifier(NETWORK, name),
            hers=sql.SQL(rows).format(**ids),
        )
        for name, rows in ROWS.items()
    ]
    return sql.SQL("WITH {copied} SELECT 1").format(copied=sql.SQL(", ").join(copied))
