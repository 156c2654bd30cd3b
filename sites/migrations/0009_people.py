"""Who works on a site."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0008_over_limits")]
    operations: list = []
