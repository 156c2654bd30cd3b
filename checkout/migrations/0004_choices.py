import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0003_sign_ups"), ("sites", "0010_confirmed_addresses")]

    operations = [
        migrations.CreateModel(
            name="QuoteChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sites", "Sites"),
                            ("posts", "Posts"),
                            ("pages", "Pages"),
                            ("disk", "Disk space"),
                            ("visits", "Visits per month"),
                            ("users", "Users"),
                            ("domains", "Custom domains"),
                        ],
                        max_length=30,
                        verbose_name="limit",
                    ),
                ),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=253),
                        blank=True,
                        size=None,
                        verbose_name="what stays",
                    ),
                ),
                ("chosen_at", models.DateTimeField(verbose_name="chosen")),
                (
                    "quote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choices",
                        to="checkout.quote",
                        verbose_name="quote",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sites.site",
                        verbose_name="site",
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of what stays",
                "verbose_name_plural": "choices of what stays",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("quote", "site", "kind"),
                        name="a_quote_has_one_choice_of_each_kind_in_a_site",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
