"""Sites as files, and the end of schemas."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("sites", "0006_rings")]

    operations = [
        migrations.CreateModel(
            name='RetiredSchema',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('schema_name', models.CharField(max_length=63, unique=True, verbose_name='schema')),
                ('reason', models.CharField(choices=[('replaced', 'Replaced by a restored copy'), ('erased', 'Its site was erased'), ('unfinished', 'Being filled')], max_length=10, verbose_name='reason')),
                ('site_uid', models.UUIDField(verbose_name="site's identifier")),
                ('site_name', models.CharField(max_length=80, verbose_name='site')),
                ('host', models.CharField(max_length=253, verbose_name='address')),
                ('retired_at', models.DateTimeField(verbose_name='retired')),
                ('erase_after', models.DateTimeField(verbose_name='erased not before')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='erased')),
                ('files', models.PositiveBigIntegerField(default=0, verbose_name='files erased')),
                ('bytes', models.PositiveBigIntegerField(default=0, verbose_name='bytes of files erased')),
            ],
            options={
                'verbose_name': 'retired schema',
                'verbose_name_plural': 'retired schemas',
                'ordering': ['-retired_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('erased_at', None)), fields=['erase_after'], name='schemas_to_be_erased')],
                'constraints': [models.CheckConstraint(condition=models.Q(('schema_name__regex', '^site_[0-9a-f]{32}$')), name='only_a_sites_schema_is_retired'), models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('erased_at__gte', models.F('erase_after')), _connector='OR'), name='nothing_is_erased_before_its_time')],
            },
        ),
        migrations.CreateModel(
            name='SiteJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identifier')),
                ('kind', models.CharField(choices=[('export', 'Export'), ('restore', 'Restore'), ('clone', 'Clone')], max_length=8, verbose_name='what')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='state')),
                ('archive', models.CharField(blank=True, max_length=255, verbose_name='archive')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name of the copy')),
                ('slug', models.CharField(blank=True, max_length=40, verbose_name='address of the copy')),
                ('asked_by', models.EmailField(max_length=254, verbose_name='asked for by')),
                ('asked_at', models.DateTimeField(verbose_name='asked for')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='jobs', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'job on a site',
                'verbose_name_plural': 'jobs on sites',
                'ordering': ['-asked_at', '-pk'],
                'permissions': [('care_for_sites', 'Can export, restore, clone and delete sites')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['done', 'failed']), ('finished_at__isnull', True), _connector='XOR'), name='a_job_is_finished_or_under_way'), models.CheckConstraint(condition=models.Q(('state', 'failed'), ('error', ''), _connector='XOR'), name='a_job_that_failed_says_why'), models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('site',), name='a_site_has_one_job_at_a_time')],
            },
        ),
    ]
