import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("memberships", "0010_extensions_and_transfers"),
        ("products", "0003_shop_window"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moves", models.BooleanField(default=True, verbose_name="pays the new price")),
            ],
            options={
                "verbose_name": "member of a price change",
                "verbose_name_plural": "members of price changes",
                "ordering": ["membership_id"],
            },
        ),
        migrations.CreateModel(
            name="PriceCampaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.PositiveBigIntegerField(verbose_name="new amount")),
                (
                    "starts_at",
                    models.DateTimeField(
                        help_text="Each member pays it from their first renewal on or after this.",
                        verbose_name="in force from",
                    ),
                ),
                (
                    "message",
                    models.TextField(
                        blank=True,
                        help_text="Stands in the mail, in your words: why the price changes.",
                        max_length=1000,
                        verbose_name="message to the members",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "In the making"),
                            ("published", "Published"),
                            ("stopped", "Stopped"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped")),
            ],
            options={
                "verbose_name": "price change",
                "verbose_name_plural": "price changes",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="membershipitem",
            name="next_price",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items_to_come",
                to="products.price",
                verbose_name="price to come",
            ),
        ),
        migrations.AddField(
            model_name="membershipitem",
            name="next_price_from",
            field=models.DateTimeField(blank=True, null=True, verbose_name="price to come, from"),
        ),
        migrations.AddConstraint(
            model_name="membershipitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_price", None), ("next_price_from", None)),
                    models.Q(("next_price__isnull", False), ("next_price_from__isnull", False)),
                    _connector="OR",
                ),
                name="a_price_to_come_has_its_day",
            ),
        ),
        migrations.AddField(
            model_name="campaignmember",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_changes",
                to="memberships.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddField(
            model_name="pricecampaign",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="created by",
            ),
        ),
        migrations.AddField(
            model_name="pricecampaign",
            name="from_price",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns_from",
                to="products.price",
                verbose_name="price in use",
            ),
        ),
        migrations.AddField(
            model_name="pricecampaign",
            name="published_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="published by",
            ),
        ),
        migrations.AddField(
            model_name="pricecampaign",
            name="stopped_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="stopped by",
            ),
        ),
        migrations.AddField(
            model_name="pricecampaign",
            name="to_price",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns_to",
                to="products.price",
                verbose_name="new price",
            ),
        ),
        migrations.AddField(
            model_name="campaignmember",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="members",
                to="memberships.pricecampaign",
                verbose_name="price change",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecampaign",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("from_price",),
                name="a_price_has_one_change_in_the_making",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("state", "draft"), ("to_price", None)),
                    models.Q(
                        ("published_at__isnull", False),
                        ("to_price__isnull", False),
                        models.Q(("state", "draft"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_published_price_change_has_its_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "stopped"), ("stopped_at", None), _connector="XOR"),
                name="a_stopped_price_change_says_since_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at", None), ("starts_at__gt", models.F("published_at")), _connector="OR"
                ),
                name="a_price_change_is_told_before_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignmember",
            constraint=models.UniqueConstraint(
                fields=("campaign", "membership"), name="a_member_is_once_in_a_price_change"
            ),
        ),
    ]
