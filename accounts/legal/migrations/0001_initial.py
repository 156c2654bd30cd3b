import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('terms', 'Terms of service'), ('privacy', 'Privacy'), ('imprint', 'Imprint')], max_length=10, verbose_name='text')),
                ('language', models.CharField(max_length=12, verbose_name='language')),
                ('in_force_from', models.DateField(help_text='The same day in every language: that is what makes it one version.', verbose_name='in force from')),
                ('body', models.TextField(help_text='Plain text. An empty line begins a new paragraph, “## ” a heading, “- ” an entry of a list. Addresses of pages and of mail become links.', verbose_name='wording')),
            ],
            options={
                'verbose_name': 'legal text',
                'verbose_name_plural': 'legal texts',
                'ordering': ['kind', '-in_force_from', 'language'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'in_force_from', 'language'), name='a_legal_text_has_one_wording_per_language_and_day', violation_error_message='There is a wording of this text in this language from this day on already.')],
            },
        ),
        migrations.CreateModel(
            name='Acceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted_at', models.DateTimeField(verbose_name='accepted')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='acceptances', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('text', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='legal.legaltext', verbose_name='text')),
            ],
            options={
                'verbose_name': 'acceptance',
                'verbose_name_plural': 'acceptances',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('user', 'text'), name='somebody_accepts_a_legal_text_once')],
            },
        ),
    ]
