from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("products", "0002_life_of_the_money")]

    operations = [
        migrations.AddField(
            model_name="product",
            name="is_recommended",
            field=models.BooleanField(
                default=False,
                help_text="The pricing page marks this plan among those of its group.",
                verbose_name="recommended",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_recommended", False), ("type", "plan"), _connector="OR"),
                name="only_plans_are_recommended",
            ),
        ),
    ]
