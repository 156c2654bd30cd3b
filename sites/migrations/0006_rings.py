"""How each site's schema stands to the migrations."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("sites", "0005_spares_and_starters")]

    operations = [
        migrations.AddField(
            model_name='site',
            name='is_canary',
            field=models.BooleanField(default=False, help_text='Gets new migrations first; when it fails, no other gets them.', verbose_name='canary'),
        ),
        migrations.AddField(
            model_name='sitetemplate',
            name='sources',
            field=models.JSONField(default=dict, verbose_name='sources of the migrations'),
        ),
        migrations.CreateModel(
            name='SiteMigration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('heads', models.CharField(blank=True, help_text='What it was last brought to.', max_length=64, verbose_name='migrations')),
                ('state', models.CharField(choices=[('running', 'Under way'), ('done', 'Done'), ('failed', 'Failed')], max_length=8, verbose_name='state')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('seconds', models.FloatField(blank=True, null=True, verbose_name='seconds')),
                ('started_at', models.DateTimeField(verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='migration', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': "site's migration",
                'verbose_name_plural': "sites' migrations",
                'ordering': ['-started_at', 'site'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'running'), ('finished_at__isnull', False), _connector='XOR'), name='a_migration_is_under_way_or_finished'), models.CheckConstraint(condition=models.Q(('state', 'failed'), ('error', ''), _connector='XOR'), name='a_migration_that_failed_says_why')],
            },
        ),
    ]
