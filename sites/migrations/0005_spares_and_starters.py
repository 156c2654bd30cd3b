"""Schemas built ahead, and sites that others begin from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sites", "0004_domain_claims")]
    operations: list = []
