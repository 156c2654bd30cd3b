"""Themes, forms, menus."""

import django.core.serializers.json
import django.db.models.deletion
import modelcluster.fields
import sites.content.models.identity
import sites.content.stylesheet
import uuid
import wagtail.contrib.forms.models
import wagtail.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('content', '0001_initial')]

    operations = [
        migrations.AddField(
            model_name='blogindexpage',
            name='is_unlisted',
            field=models.BooleanField(default=False, help_text='The page stays public, but is not in the sitemap and asks not to be found.', verbose_name='hide from search engines'),
        ),
        migrations.AddField(
            model_name='blogindexpage',
            name='share_image',
            field=models.ForeignKey(blank=True, help_text='Shown beside the link in messages and on social media. Else the picture of the page is taken.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='picture when shared'),
        ),
        migrations.AddField(
            model_name='homepage',
            name='is_unlisted',
            field=models.BooleanField(default=False, help_text='The page stays public, but is not in the sitemap and asks not to be found.', verbose_name='hide from search engines'),
        ),
        migrations.AddField(
            model_name='homepage',
            name='share_image',
            field=models.ForeignKey(blank=True, help_text='Shown beside the link in messages and on social media. Else the picture of the page is taken.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='picture when shared'),
        ),
        migrations.AddField(
            model_name='postpage',
            name='is_unlisted',
            field=models.BooleanField(default=False, help_text='The page stays public, but is not in the sitemap and asks not to be found.', verbose_name='hide from search engines'),
        ),
        migrations.AddField(
            model_name='postpage',
            name='share_image',
            field=models.ForeignKey(blank=True, help_text='Shown beside the link in messages and on social media. Else the picture of the page is taken.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='picture when shared'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='custom_css',
            field=models.TextField(blank=True, help_text="CSS for your pages, after the theme's. Pictures may come from this site's own files only.", max_length=30000, validators=[sites.content.stylesheet.validate_stylesheet], verbose_name='own styles'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='footer_menu',
            field=wagtail.fields.StreamField([('page', 2), ('address', 5)], blank=True, block_lookup={0: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Page'}), 1: ('wagtail.blocks.CharBlock', (), {'help_text': 'Empty: the title of the page.', 'label': 'Words', 'max_length': 40, 'required': False}), 2: ('wagtail.blocks.StructBlock', [[('page', 0), ('label', 1)]], {}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'Words', 'max_length': 40}), 4: ('wagtail.blocks.URLBlock', (), {'label': 'Address'}), 5: ('wagtail.blocks.StructBlock', [[('label', 3), ('address', 4)]], {})}, verbose_name='footer menu'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='icon',
            field=models.ForeignKey(blank=True, help_text="A square picture for the browser's tab.", null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='icon'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='language',
            field=models.CharField(choices=sites.content.models.identity.languages, default='en', help_text='The language you write in. Dates and buttons on your pages follow it.', max_length=12, verbose_name='language'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='logo',
            field=models.ForeignKey(blank=True, help_text='Stands in place of the name at the top. Shown 40 pixels high.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='logo'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='main_menu',
            field=wagtail.fields.StreamField([('page', 2), ('address', 5)], blank=True, block_lookup={0: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Page'}), 1: ('wagtail.blocks.CharBlock', (), {'help_text': 'Empty: the title of the page.', 'label': 'Words', 'max_length': 40, 'required': False}), 2: ('wagtail.blocks.StructBlock', [[('page', 0), ('label', 1)]], {}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'Words', 'max_length': 40}), 4: ('wagtail.blocks.URLBlock', (), {'label': 'Address'}), 5: ('wagtail.blocks.StructBlock', [[('label', 3), ('address', 4)]], {})}, help_text='Empty: the pages under the home page that are set to show in menus.', verbose_name='main menu'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='mode',
            field=models.CharField(choices=[('auto', "As the visitor's device is set"), ('light', 'Always light'), ('dark', 'Always dark')], default='auto', max_length=10, verbose_name='light or dark'),
        ),
        migrations.AddField(
            model_name='siteidentity',
            name='theme',
            field=models.CharField(choices=[('meadow', 'Meadow: friendly and round, pictures in front'), ('gazette', 'Gazette: a printed paper, for people who read'), ('poster', 'Poster: large type on blocks of colour')], default='meadow', max_length=20, verbose_name='theme'),
        ),
        migrations.AddField(
            model_name='standardpage',
            name='is_unlisted',
            field=models.BooleanField(default=False, help_text='The page stays public, but is not in the sitemap and asks not to be found.', verbose_name='hide from search engines'),
        ),
        migrations.AddField(
            model_name='standardpage',
            name='share_image',
            field=models.ForeignKey(blank=True, help_text='Shown beside the link in messages and on social media. Else the picture of the page is taken.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='picture when shared'),
        ),
        migrations.AlterField(
            model_name='homepage',
            name='body',
            field=wagtail.fields.StreamField([('text', 0), ('figure', 4), ('gallery', 6), ('quote', 9), ('features', 16), ('call', 20), ('download', 23)], blank=True, block_lookup={0: ('wagtail.blocks.RichTextBlock', (), {'features': ['h2', 'h3', 'bold', 'italic', 'ol', 'ul', 'link', 'document-link', 'hr', 'code'], 'label': 'Text'}), 1: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': 'Image'}), 2: ('wagtail.blocks.CharBlock', (), {'help_text': 'What the image shows, for people who cannot see it. Leave empty when it is only decoration.', 'label': 'Description', 'required': False}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'Caption', 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('image', 1), ('alternative', 2), ('caption', 3)]], {}), 5: ('wagtail.blocks.ListBlock', (4,), {'label': 'Pictures', 'max_num': 24, 'min_num': 2}), 6: ('wagtail.blocks.StructBlock', [[('pictures', 5)]], {}), 7: ('wagtail.blocks.TextBlock', (), {'label': 'Quote'}), 8: ('wagtail.blocks.CharBlock', (), {'label': 'Who said it', 'required': False}), 9: ('wagtail.blocks.StructBlock', [[('text', 7), ('source', 8)]], {}), 10: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80, 'required': False}), 11: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80}), 12: ('wagtail.blocks.TextBlock', (), {'label': 'Text', 'max_length': 400}), 13: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Page to read more', 'required': False}), 14: ('wagtail.blocks.StructBlock', [[('heading', 11), ('text', 12), ('page', 13)]], {}), 15: ('wagtail.blocks.ListBlock', (14,), {'label': 'Columns', 'max_num': 6, 'min_num': 2}), 16: ('wagtail.blocks.StructBlock', [[('heading', 10), ('features', 15)]], {}), 17: ('wagtail.blocks.CharBlock', (), {'label': 'Sentence', 'max_length': 120}), 18: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the button', 'max_length': 40}), 19: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Leads to'}), 20: ('wagtail.blocks.StructBlock', [[('heading', 17), ('button', 18), ('page', 19)]], {}), 21: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'label': 'Document'}), 22: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the link', 'max_length': 80, 'required': False}), 23: ('wagtail.blocks.StructBlock', [[('document', 21), ('label', 22)]], {})}, verbose_name='body'),
        ),
        migrations.AlterField(
            model_name='postpage',
            name='body',
            field=wagtail.fields.StreamField([('text', 0), ('figure', 4), ('gallery', 6), ('quote', 9), ('features', 16), ('call', 20), ('download', 23)], blank=True, block_lookup={0: ('wagtail.blocks.RichTextBlock', (), {'features': ['h2', 'h3', 'bold', 'italic', 'ol', 'ul', 'link', 'document-link', 'hr', 'code'], 'label': 'Text'}), 1: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': 'Image'}), 2: ('wagtail.blocks.CharBlock', (), {'help_text': 'What the image shows, for people who cannot see it. Leave empty when it is only decoration.', 'label': 'Description', 'required': False}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'Caption', 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('image', 1), ('alternative', 2), ('caption', 3)]], {}), 5: ('wagtail.blocks.ListBlock', (4,), {'label': 'Pictures', 'max_num': 24, 'min_num': 2}), 6: ('wagtail.blocks.StructBlock', [[('pictures', 5)]], {}), 7: ('wagtail.blocks.TextBlock', (), {'label': 'Quote'}), 8: ('wagtail.blocks.CharBlock', (), {'label': 'Who said it', 'required': False}), 9: ('wagtail.blocks.StructBlock', [[('text', 7), ('source', 8)]], {}), 10: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80, 'required': False}), 11: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80}), 12: ('wagtail.blocks.TextBlock', (), {'label': 'Text', 'max_length': 400}), 13: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Page to read more', 'required': False}), 14: ('wagtail.blocks.StructBlock', [[('heading', 11), ('text', 12), ('page', 13)]], {}), 15: ('wagtail.blocks.ListBlock', (14,), {'label': 'Columns', 'max_num': 6, 'min_num': 2}), 16: ('wagtail.blocks.StructBlock', [[('heading', 10), ('features', 15)]], {}), 17: ('wagtail.blocks.CharBlock', (), {'label': 'Sentence', 'max_length': 120}), 18: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the button', 'max_length': 40}), 19: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Leads to'}), 20: ('wagtail.blocks.StructBlock', [[('heading', 17), ('button', 18), ('page', 19)]], {}), 21: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'label': 'Document'}), 22: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the link', 'max_length': 80, 'required': False}), 23: ('wagtail.blocks.StructBlock', [[('document', 21), ('label', 22)]], {})}, verbose_name='body'),
        ),
        migrations.AlterField(
            model_name='standardpage',
            name='body',
            field=wagtail.fields.StreamField([('text', 0), ('figure', 4), ('gallery', 6), ('quote', 9), ('features', 16), ('call', 20), ('download', 23)], blank=True, block_lookup={0: ('wagtail.blocks.RichTextBlock', (), {'features': ['h2', 'h3', 'bold', 'italic', 'ol', 'ul', 'link', 'document-link', 'hr', 'code'], 'label': 'Text'}), 1: ('wagtail.images.blocks.ImageChooserBlock', (), {'label': 'Image'}), 2: ('wagtail.blocks.CharBlock', (), {'help_text': 'What the image shows, for people who cannot see it. Leave empty when it is only decoration.', 'label': 'Description', 'required': False}), 3: ('wagtail.blocks.CharBlock', (), {'label': 'Caption', 'required': False}), 4: ('wagtail.blocks.StructBlock', [[('image', 1), ('alternative', 2), ('caption', 3)]], {}), 5: ('wagtail.blocks.ListBlock', (4,), {'label': 'Pictures', 'max_num': 24, 'min_num': 2}), 6: ('wagtail.blocks.StructBlock', [[('pictures', 5)]], {}), 7: ('wagtail.blocks.TextBlock', (), {'label': 'Quote'}), 8: ('wagtail.blocks.CharBlock', (), {'label': 'Who said it', 'required': False}), 9: ('wagtail.blocks.StructBlock', [[('text', 7), ('source', 8)]], {}), 10: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80, 'required': False}), 11: ('wagtail.blocks.CharBlock', (), {'label': 'Heading', 'max_length': 80}), 12: ('wagtail.blocks.TextBlock', (), {'label': 'Text', 'max_length': 400}), 13: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Page to read more', 'required': False}), 14: ('wagtail.blocks.StructBlock', [[('heading', 11), ('text', 12), ('page', 13)]], {}), 15: ('wagtail.blocks.ListBlock', (14,), {'label': 'Columns', 'max_num': 6, 'min_num': 2}), 16: ('wagtail.blocks.StructBlock', [[('heading', 10), ('features', 15)]], {}), 17: ('wagtail.blocks.CharBlock', (), {'label': 'Sentence', 'max_length': 120}), 18: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the button', 'max_length': 40}), 19: ('wagtail.blocks.PageChooserBlock', (), {'label': 'Leads to'}), 20: ('wagtail.blocks.StructBlock', [[('heading', 17), ('button', 18), ('page', 19)]], {}), 21: ('wagtail.documents.blocks.DocumentChooserBlock', (), {'label': 'Document'}), 22: ('wagtail.blocks.CharBlock', (), {'label': 'Words on the link', 'max_length': 80, 'required': False}), 23: ('wagtail.blocks.StructBlock', [[('document', 21), ('label', 22)]], {})}, verbose_name='body'),
        ),
        migrations.CreateModel(
            name='ContactPage',
            fields=[
                ('page_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='wagtailcore.page')),
                ('is_unlisted', models.BooleanField(default=False, help_text='The page stays public, but is not in the sitemap and asks not to be found.', verbose_name='hide from search engines')),
                ('intro', models.TextField(blank=True, max_length=400, verbose_name='introduction')),
                ('thanks', models.TextField(blank=True, help_text='Shown when a message was sent.', max_length=400, verbose_name='words of thanks')),
                ('to_address', models.CharField(blank=True, help_text='Addresses with a comma between them. Empty: the owner of the site.', max_length=255, validators=[wagtail.contrib.forms.models.validate_to_address], verbose_name='mail messages to')),
                ('share_image', models.ForeignKey(blank=True, help_text='Shown beside the link in messages and on social media. Else the picture of the page is taken.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='content.siteimage', verbose_name='picture when shared')),
            ],
            options={
                'verbose_name': 'contact form',
                'verbose_name_plural': 'contact forms',
            },
            bases=(wagtail.contrib.forms.models.FormMixin, 'wagtailcore.page', models.Model),
        ),
        migrations.CreateModel(
            name='ContactField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort_order', models.IntegerField(blank=True, editable=False, null=True)),
                ('clean_name', models.CharField(blank=True, default='', help_text='Safe name of the form field, the label converted to ascii_snake_case', max_length=255, verbose_name='name')),
                ('label', models.CharField(help_text='The label of the form field', max_length=255, verbose_name='label')),
                ('field_type', models.CharField(choices=[('singleline', 'Single line text'), ('multiline', 'Multi-line text'), ('email', 'Email'), ('number', 'Number'), ('url', 'URL'), ('checkbox', 'Checkbox'), ('checkboxes', 'Checkboxes'), ('dropdown', 'Drop down'), ('multiselect', 'Multiple select'), ('radio', 'Radio buttons'), ('date', 'Date'), ('datetime', 'Date/time'), ('hidden', 'Hidden field')], max_length=16, verbose_name='field type')),
                ('required', models.BooleanField(default=True, verbose_name='required')),
                ('choices', models.TextField(blank=True, help_text='Comma or new line separated list of choices. Only applicable in checkboxes, radio and dropdown.', verbose_name='choices')),
                ('default_value', models.TextField(blank=True, help_text='Default value. Comma or new line separated values supported for checkboxes.', verbose_name='default value')),
                ('help_text', models.CharField(blank=True, max_length=255, verbose_name='help text')),
                ('page', modelcluster.fields.ParentalKey(on_delete=django.db.models.deletion.CASCADE, related_name='form_fields', to='content.contactpage')),
            ],
            options={
                'ordering': ['sort_order'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ContactMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form_data', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('submit_time', models.DateTimeField(auto_now_add=True, verbose_name='submit time')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='identifier')),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='mailed at')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='wagtailcore.page')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(models.F('submit_time'), condition=models.Q(('mailed_at__isnull', True)), name='messages_to_be_mailed')],
            },
        ),
    ]
