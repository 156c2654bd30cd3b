import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def let_the_unsent_be_tried(apps, schema_editor):
    """What has no `next_try_at` counts as sent or given up, so what still waits needs one."""
    notices = apps.get_model("memberships", "Notice").objects
    notices.filter(sent_at=None).update(next_try_at=models.F("created_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0004_invoices_never_change'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='actor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AddField(
            model_name='notice',
            name='error',
            field=models.CharField(blank=True, max_length=400, verbose_name='error'),
        ),
        migrations.AddField(
            model_name='notice',
            name='next_try_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='next try'),
        ),
        migrations.AddField(
            model_name='notice',
            name='repeats',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repetitions', to='memberships.notice', verbose_name='repeats'),
        ),
        migrations.AddField(
            model_name='notice',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='failed tries'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('state__in', ['active', 'trialing'])), fields=['period_end'], name='memberships_by_period_end'),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=models.Index(condition=models.Q(('state', 'trialing')), fields=['trial_end'], name='memberships_by_trial_end'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='notices_to_send'),
        ),
        migrations.AddIndex(
            model_name='paymentmethod',
            index=models.Index(condition=models.Q(('is_default', True)), fields=['exp_year', 'exp_month'], name='default_cards_by_expiry'),
        ),
        migrations.AddIndex(
            model_name='scheduledchange',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['effective_at'], name='changes_to_come'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at', None), ('next_try_at', None), _connector='OR'), name='a_sent_notice_is_not_tried_again'),
        ),
        migrations.RunPython(let_the_unsent_be_tried, migrations.RunPython.noop),
    ]
