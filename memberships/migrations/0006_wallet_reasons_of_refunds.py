from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('memberships', '0005_mails_and_reminders'),
    ]

    operations = [
        migrations.AlterField(
            model_name='walletentry',
            name='reason',
            field=models.CharField(choices=[('change_credit', 'Credit left from a change'), ('used', 'Used for a bill'), ('carried', 'Too small to charge, carried to the next bill'), ('late_payment', 'Payment that came too late to be used'), ('overpaid', 'Paid more than was asked'), ('mismatch', 'Payment of another amount than was asked'), ('undone', 'Change undone'), ('refunded', 'Refunded'), ('refund_failed', 'Refund that the bank sent back'), ('adjustment', 'Adjustment')], max_length=20, verbose_name='reason'),
        ),
    ]
