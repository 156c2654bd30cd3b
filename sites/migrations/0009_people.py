"""Who works on a site."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0008_over_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='handover',
            name='role',
            field=models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('writer', 'Writer')], default='owner', max_length=10, verbose_name='role'),
        ),
        migrations.CreateModel(
            name='SiteMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identifier')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('editor', 'Editor'), ('writer', 'Writer')], max_length=10, verbose_name='role')),
                ('token_hash', models.CharField(blank=True, editable=False, max_length=64, verbose_name='token hash')),
                ('invited_at', models.DateTimeField(verbose_name='invited')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='invitation sent')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted')),
                ('removed_at', models.DateTimeField(blank=True, null=True, verbose_name='removed')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='sites.site', verbose_name='site')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'person of a site',
                'verbose_name_plural': 'people of sites',
                'ordering': ['id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('site', 'email'), name='an_address_is_invited_to_a_site_once'),
                    models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('site', 'user'), name='an_account_works_on_a_site_once'),
                    models.UniqueConstraint(condition=models.Q(('token_hash', ''), _negated=True), fields=('token_hash',), name='an_invitation_has_its_own_token'),
                    models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='an_invited_address_is_lower_case'),
                    models.CheckConstraint(condition=models.Q(models.Q(('accepted_at', None), ('user', None)), models.Q(('accepted_at__isnull', False), ('user__isnull', False)), _connector='OR'), name='who_has_accepted_is_known'),
                ],
            },
        ),
    ]
