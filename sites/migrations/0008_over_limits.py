"""Over the limit: what was chosen, parked and told."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("sites", "0007_archives")]

    operations = [
        migrations.CreateModel(
            name='OverLimitPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sites', 'Sites'), ('posts', 'Posts'), ('pages', 'Pages'), ('disk', 'Disk space'), ('visits', 'Visits per month'), ('users', 'Users'), ('domains', 'Custom domains')], max_length=30, unique=True, verbose_name='limit')),
                ('policy', models.CharField(choices=[('keep', 'Keep: everything stays, nothing new'), ('park', 'Park: what is too much is put away until there is room'), ('block', 'Block: visitors see a notice')], max_length=5, verbose_name='policy')),
            ],
            options={
                'verbose_name': 'over-limit policy',
                'verbose_name_plural': 'over-limit policies',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ChosenToStay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sites', 'Sites'), ('posts', 'Posts'), ('pages', 'Pages'), ('disk', 'Disk space'), ('visits', 'Visits per month'), ('users', 'Users'), ('domains', 'Custom domains')], max_length=30, verbose_name='limit')),
                ('key', models.CharField(max_length=253, verbose_name='identity')),
                ('chosen_at', models.DateTimeField(verbose_name='chosen')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chosen_to_stay', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'choice of what stays',
                'verbose_name_plural': 'choices of what stays',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('site', 'kind', 'key'), name='a_thing_is_chosen_to_stay_once')],
            },
        ),
        migrations.CreateModel(
            name='OverLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sites', 'Sites'), ('posts', 'Posts'), ('pages', 'Pages'), ('disk', 'Disk space'), ('visits', 'Visits per month'), ('users', 'Users'), ('domains', 'Custom domains')], max_length=30, verbose_name='limit')),
                ('policy', models.CharField(choices=[('keep', 'Keep: everything stays, nothing new'), ('park', 'Park: what is too much is put away until there is room'), ('block', 'Block: visitors see a notice')], max_length=5, verbose_name='policy')),
                ('excess', models.PositiveBigIntegerField(verbose_name='too much')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('notice_at', models.DateTimeField(blank=True, null=True, verbose_name='notice for visitors from')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='over_limits', to='sites.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'time over the limit',
                'verbose_name_plural': 'times over the limit',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('site', 'kind'), name='a_site_is_over_a_limit_once_at_a_time'), models.CheckConstraint(condition=models.Q(('excess__gt', 0)), name='over_a_limit_is_by_something'), models.CheckConstraint(condition=models.Q(('notice_at', None), ('notice_at__gte', models.F('since')), _connector='OR'), name='a_notice_comes_after_the_limit_was_passed')],
            },
        ),
    ]
