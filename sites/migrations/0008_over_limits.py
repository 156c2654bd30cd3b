"""Over the limit: what was chosen, parked and told."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0007_archives")]
    operations: list = []
