"""Who is on the way to a membership and its first site."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0002_life_of_the_money"),
        ("memberships", "0006_wallet_reasons_of_refunds"),
        ("products", "0002_life_of_the_money"),
        ("sites", "0010_confirmed_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SignUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Under way'), ('done', 'Led to a site'), ('left', 'Left')], default='open', max_length=4, verbose_name='state')),
                ('interval_unit', models.CharField(choices=[('once', 'once'), ('day', 'day'), ('week', 'week'), ('month', 'month'), ('year', 'year')], max_length=5, verbose_name='per')),
                ('interval_count', models.PositiveSmallIntegerField(verbose_name='every')),
                ('addons', models.JSONField(blank=True, default=dict, verbose_name='packages and services')),
                ('code', models.CharField(blank=True, max_length=40, verbose_name='discount code')),
                ('site_name', models.CharField(blank=True, max_length=80, verbose_name='name of the site')),
                ('slug', models.CharField(blank=True, max_length=40, verbose_name='address')),
                ('created_at', models.DateTimeField(verbose_name='begun')),
                ('touched_at', models.DateTimeField(verbose_name='last went on')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='memberships.membership', verbose_name='membership')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product', verbose_name='plan')),
                ('quote', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='checkout.quote', verbose_name='quote')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='sites.site', verbose_name='site')),
                ('starter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='sites.starter', verbose_name='starter site')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'sign-up',
                'verbose_name_plural': 'sign-ups',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['touched_at'], name='open_sign_ups_by_touch')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('user',), name='a_person_has_one_open_sign_up'), models.CheckConstraint(condition=models.Q(('state', 'open'), ('settled_at__isnull', False), _connector='XOR'), name='an_ended_sign_up_says_when')],
            },
        ),
    ]
