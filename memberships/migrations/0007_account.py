from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("memberships", "0006_wallet_reasons_of_refunds")]

    operations = []
