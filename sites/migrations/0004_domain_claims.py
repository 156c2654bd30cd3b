"""Names of people's own, from claim to proof."""

import django.db.models.deletion
import django.db.models.functions.text
import sites.models.domain_claim
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0006_wallet_reasons_of_refunds'),
        ('sites', '0003_maintenance_and_recycling'),
    ]

    operations = [
        migrations.CreateModel(
            name='DomainClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identifier')),
                ('domain', models.CharField(max_length=253, verbose_name='domain')),
                ('token', models.CharField(default=sites.models.domain_claim.new_token, editable=False, max_length=32, verbose_name='token')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for proof'), ('proven', 'Yours, not leading here yet'), ('active', 'Active'), ('parked', 'Parked'), ('resting', 'In quarantine')], default='waiting', max_length=8, verbose_name='state')),
                ('held_elsewhere', models.BooleanField(default=False, verbose_name='proven, but held by another site')),
                ('seen', models.JSONField(blank=True, default=dict, verbose_name='seen in the DNS')),
                ('check_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='check asked for')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='checked')),
                ('created_at', models.DateTimeField(verbose_name='claimed')),
                ('proven_at', models.DateTimeField(blank=True, null=True, verbose_name='proven')),
                ('active_at', models.DateTimeField(blank=True, null=True, verbose_name='active since')),
                ('rests_until', models.DateTimeField(blank=True, null=True, verbose_name='in quarantine until')),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='memberships.membership', verbose_name='membership')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='domain_claims', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'claim to a domain',
                'verbose_name_plural': 'claims to domains',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['state', 'checked_at'], name='claims_by_state_and_check')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['proven', 'active', 'parked', 'resting'])), fields=('domain',), name='a_proven_name_has_one_holder'), models.UniqueConstraint(condition=models.Q(('state', 'resting'), _negated=True), fields=('site', 'domain'), name='a_site_claims_a_name_once'), models.CheckConstraint(condition=models.Q(('domain', django.db.models.functions.text.Lower('domain'))), name='a_claimed_name_is_lower_case'), models.CheckConstraint(condition=models.Q(('state', 'resting'), ('rests_until__isnull', True), _connector='XOR'), name='a_name_in_quarantine_says_until_when'), models.CheckConstraint(condition=models.Q(('state', 'resting'), ('site__isnull', False), _connector='OR'), name='only_a_name_in_quarantine_has_no_site'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'resting']), ('proven_at__isnull', False), _connector='OR'), name='a_held_name_was_proven_once')],
            },
        ),
    ]
