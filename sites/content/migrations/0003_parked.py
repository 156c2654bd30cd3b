"""What is parked."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("content", "0002_designs_and_forms")]

    operations = [
        migrations.CreateModel(
            name='Parked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('object_id', models.PositiveBigIntegerField(verbose_name='object')),
                ('was_live', models.BooleanField(verbose_name='was published')),
                ('parked_at', models.DateTimeField(verbose_name='parked')),
            ],
            options={
                'verbose_name': 'parked',
                'verbose_name_plural': 'parked',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'object_id'), name='a_thing_is_parked_once')],
            },
        ),
    ]
