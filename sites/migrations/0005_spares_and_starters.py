"""Schemas built ahead, and sites that others begin from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0004_domain_claims")]
    operations = [
        migrations.AddField(
            model_name='provisioningstep',
            name='seconds',
            field=models.FloatField(blank=True, null=True, verbose_name='seconds'),
        ),
        migrations.CreateModel(
            name='SpareSchema',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('schema_name', models.CharField(max_length=63, unique=True, verbose_name='schema')),
                ('fingerprint', models.CharField(help_text='The migrations and the first content it was built by.', max_length=64, verbose_name='made of')),
                ('built_at', models.DateTimeField(verbose_name='built')),
            ],
            options={
                'verbose_name': 'spare site',
                'verbose_name_plural': 'spare sites',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('schema_name__regex', '^spare_[0-9a-f]{32}$')), name='a_spare_belongs_to_no_site')],
            },
        ),
        migrations.CreateModel(
            name='Starter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What people choose it by.', max_length=80, verbose_name='name')),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                ('is_offered', models.BooleanField(default=True, verbose_name='offered')),
                ('is_default', models.BooleanField(default=False, help_text='What a new site begins as when nobody chose anything.', verbose_name='default')),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='as_starter', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'starter site',
                'verbose_name_plural': 'starter sites',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ContentSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starter_name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('failed', 'Failed'), ('done', 'Done')], default='waiting', max_length=8, verbose_name='state')),
                ('new_schema', models.CharField(max_length=63, verbose_name='schema of the new content')),
                ('old_schema', models.CharField(blank=True, max_length=63, verbose_name='schema of the old content')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('asked_at', models.DateTimeField(verbose_name='asked for')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('kept_until', models.DateTimeField(blank=True, null=True, verbose_name='old content kept until')),
                ('put_back_at', models.DateTimeField(blank=True, null=True, verbose_name='old content put back')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='old content erased')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='content_switches', to='sites.site', verbose_name='site')),
                ('starter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='sites.starter', verbose_name='starter site')),
            ],
            options={
                'verbose_name': 'change of content',
                'verbose_name_plural': 'changes of content',
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='site',
            name='starter',
            field=models.ForeignKey(blank=True, help_text='Whose content this site began with.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='sites.starter', verbose_name='starter site'),
        ),
        migrations.AddConstraint(
            model_name='starter',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='new_sites_begin_as_one_starter'),
        ),
        migrations.AddConstraint(
            model_name='contentswitch',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'done'), _negated=True), fields=('site',), name='a_site_changes_its_content_once_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='contentswitch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('kept_until__isnull', False), ('state', 'done'), models.Q(('old_schema', ''), _negated=True)), models.Q(models.Q(('state', 'done'), _negated=True), ('finished_at__isnull', True), ('kept_until__isnull', True), ('old_schema', '')), _connector='OR'), name='a_finished_change_of_content_says_what_it_keeps'),
        ),
        migrations.AddConstraint(
            model_name='contentswitch',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), ('put_back_at__isnull', True), _connector='OR'), name='content_that_was_put_back_is_not_erased'),
        ),
    ]
