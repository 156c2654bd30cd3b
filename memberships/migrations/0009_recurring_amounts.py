import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What each membership that pays, or paid, brings in a month. What it brought before its last change is not known: it
# counts from the day it became active with what it has, and one that has ended until then.
FILL = """
    WITH charges AS (
        SELECT m.id AS membership_id, m.currency, m.interval_unit, m.interval_count, m.ended_at,
               coalesce(m.activated_at, m.period_start) AS began_at, i.tax_percent, p.id AS product_id, p.type,
               i.unit_price::numeric * i.quantity AS gross, u.terms,
               CASE WHEN u.terms ->> 'products' IS NULL OR u.terms -> 'products' ? p.code
                    THEN i.unit_price::numeric * i.quantity ELSE 0 END AS covered
        FROM memberships_membership m
        JOIN memberships_membershipitem i ON i.membership_id = m.id AND i.ended_at IS NULL
        JOIN products_product p ON p.id = i.product_id
        JOIN products_price r ON r.id = i.price_id AND r.interval_unit <> 'once'
        LEFT JOIN memberships_discountuse u ON u.membership_id = m.id AND u.state = 'live'
        WHERE m.state IN ('active', 'past_due', 'expired', 'cancelled') AND m.period_end IS NOT NULL
    ), reduced AS (
        SELECT *, gross - CASE
            WHEN terms ->> 'percent' IS NOT NULL THEN covered * (terms ->> 'percent')::numeric / 100
            WHEN terms ->> 'amount' IS NOT NULL THEN coalesce(
                least((terms ->> 'amount')::numeric, sum(covered) OVER members)
                    * covered / nullif(sum(covered) OVER members, 0), 0)
            ELSE 0 END AS asked
        FROM charges WINDOW members AS (PARTITION BY membership_id)
    ), monthly AS (
        SELECT membership_id, currency, began_at, ended_at, max(product_id) FILTER (WHERE type = 'plan') AS plan_id,
               round(sum(CASE WHEN %(tax_included)s THEN asked * 100 / (100 + tax_percent) ELSE asked END)
                     / CASE interval_unit WHEN 'month' THEN interval_count WHEN 'year' THEN interval_count * 12
                       WHEN 'week' THEN interval_count * 7 * 12 / 365.0 ELSE interval_count * 12 / 365.0 END
               )::bigint AS amount
        FROM reduced
        GROUP BY membership_id, currency, began_at, ended_at, interval_unit, interval_count
    ), changes AS (
        SELECT *, 'new' AS movement, began_at AS at, amount AS delta, amount AS left_over FROM monthly
        UNION ALL
        SELECT *, 'churn', greatest(ended_at, began_at), -amount, 0 FROM monthly WHERE ended_at IS NOT NULL
    )
    INSERT INTO memberships_recurringamount
        (membership_id, currency, plan_id, movement, delta, amount, at, reference)
    SELECT membership_id, currency, plan_id, movement, delta, left_over, at, 'opening'
    FROM changes WHERE amount > 0 ORDER BY at, membership_id, movement DESC
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL, {"tax_included": settings.PRICES_INCLUDE_TAX})


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0008_overrides_and_notes'),
        ('products', '0003_shop_window'),
    ]

    operations = [
        migrations.AlterField(
            model_name='invoiceline',
            name='invoice',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='memberships.invoice', verbose_name='invoice'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('state', 'failed')), fields=['payment'], name='attempts_that_failed'),
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['issued_at'], include=('currency', 'net'), name='invoices_by_day'),
        ),
        migrations.AddIndex(
            model_name='invoiceline',
            index=models.Index(fields=['invoice'], include=('product', 'net'), name='lines_by_invoice'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['currency'], name='payments_that_are_open'),
        ),
        migrations.AddIndex(
            model_name='transition',
            index=models.Index(condition=models.Q(('came_from', 'trialing')), fields=['at'], name='transitions_out_of_trials'),
        ),
        migrations.CreateModel(
            name='RecurringAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('movement', models.CharField(choices=[('new', 'New'), ('expansion', 'Expansion'), ('contraction', 'Contraction'), ('churn', 'Churn'), ('reactivation', 'Reactivation')], max_length=12, verbose_name='movement')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('delta', models.BigIntegerField(verbose_name='change')),
                ('amount', models.PositiveBigIntegerField(verbose_name='a month')),
                ('at', models.DateTimeField(db_index=True, verbose_name='at')),
                ('reference', models.CharField(blank=True, max_length=80, verbose_name='reference')),
                ('membership', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recurring_amounts', to='memberships.membership', verbose_name='membership')),
                ('plan', models.ForeignKey(help_text='The plan that brings it; of a churn, the one that did.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'change of recurring revenue',
                'verbose_name_plural': 'changes of recurring revenue',
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['membership', '-id'], name='recurring_amounts_by_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('delta', 0), _negated=True), name='a_recurring_amount_changes_by_something'), models.CheckConstraint(condition=models.Q(('delta__lte', models.F('amount'))), name='a_recurring_amount_was_never_below_nothing')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
