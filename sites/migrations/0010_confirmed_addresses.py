"""Sites that wait for their owner's address to be confirmed, and addresses held for who is paying."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Coalesce


def open_all(apps, _editor):
    """What is shown today stays so."""
    apps.get_model("sites", "Site").objects.update(opened_at=Coalesce("ready_at", "created_at"))


class Migration(migrations.Migration):
    dependencies = [("memberships", "0006_wallet_reasons_of_refunds"), ("sites", "0009_people")]

    operations = [
        migrations.AddField(
            model_name='site',
            name='opened_at',
            field=models.DateTimeField(blank=True, help_text='Empty: until its owner’s e-mail address is confirmed, visitors see that it opens soon.', null=True, verbose_name='open to visitors since'),
        ),
        migrations.RunPython(open_all, migrations.RunPython.noop),
        migrations.CreateModel(
            name='AddressHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=40, verbose_name='address')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='memberships.membership', verbose_name='membership')),
            ],
            options={
                'verbose_name': 'held address',
                'verbose_name_plural': 'held addresses',
                'ordering': ['slug'],
                'indexes': [models.Index(fields=['until'], name='address_holds_by_end')],
                'constraints': [models.UniqueConstraint(fields=('slug',), name='an_address_is_held_for_one_membership')],
            },
        ),
    ]
