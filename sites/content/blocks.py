"""What the body of a page or a post is made of."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, RichTextBlock, StreamBlock, StructBlock, TextBlock
from wagtail.images.blocks import ImageChooserBlock

TEXT_FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link", "hr", "code"]


class FigureBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    image = ImageChooserBlock(label=_("Image"))
    alternative = CharBlock(
        label=_("Description"),
        required=False,
        help_text=_(
            "What the image shows, for people who cannot see it. Leave empty when it is only decoration."
        ),
    )
    caption = CharBlock(label=_("Caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Image")
        template = "content/blocks/figure.html"


class QuoteBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    text = TextBlock(label=_("Quote"))
    source = CharBlock(label=_("Who said it"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "content/blocks/quote.html"


class BodyBlock(StreamBlock):  # type: ignore[misc]  # Wagtail ships no types
    text = RichTextBlock(label=_("Text"), features=TEXT_FEATURES)
    figure = FigureBlock()
    quote = QuoteBlock()
