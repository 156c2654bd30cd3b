"""Names of people's own, from claim to proof."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0003_maintenance_and_recycling")]
    operations: list = []
