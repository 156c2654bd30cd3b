"""How each site's schema stands to the migrations."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0005_spares_and_starters")]
    operations: list = []
