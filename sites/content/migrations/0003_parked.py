"""What is parked."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("content", "0002_designs_and_forms")]
    operations: list = []
