"""Sites as files."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0006_rings")]
    operations: list = []
