"""What the body of a page or a post is made of."""

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import (
    CharBlock,
    ListBlock,
    PageChooserBlock,
    RichTextBlock,
    StreamBlock,
    StructBlock,
    TextBlock,
    URLBlock,
)
from wagtail.documents.blocks import DocumentChooserBlock
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


class GalleryBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    pictures = ListBlock(FigureBlock(), label=_("Pictures"), min_num=2, max_num=24)

    class Meta:
        icon = "image"
        label = _("Gallery")
        template = "content/blocks/gallery.html"


class FeatureBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    heading = CharBlock(label=_("Heading"), max_length=80)
    text = TextBlock(label=_("Text"), max_length=400)
    page = PageChooserBlock(label=_("Page to read more"), required=False)

    class Meta:
        label = _("Column")


class FeaturesBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    heading = CharBlock(label=_("Heading"), required=False, max_length=80)
    features = ListBlock(FeatureBlock(), label=_("Columns"), min_num=2, max_num=6)

    class Meta:
        icon = "grip"
        label = _("Columns")
        template = "content/blocks/features.html"


class CallBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    """A sentence and a button."""

    heading = CharBlock(label=_("Sentence"), max_length=120)
    button = CharBlock(label=_("Words on the button"), max_length=40)
    page = PageChooserBlock(label=_("Leads to"))

    class Meta:
        icon = "pick"
        label = _("Button")
        template = "content/blocks/call.html"


class DownloadBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    document = DocumentChooserBlock(label=_("Document"))
    label = CharBlock(label=_("Words on the link"), required=False, max_length=80)

    class Meta:
        icon = "download"
        label = _("Document")
        template = "content/blocks/download.html"


class BodyBlock(StreamBlock):  # type: ignore[misc]  # Wagtail ships no types
    text = RichTextBlock(label=_("Text"), features=TEXT_FEATURES)
    figure = FigureBlock()
    gallery = GalleryBlock()
    quote = QuoteBlock()
    features = FeaturesBlock()
    call = CallBlock()
    download = DownloadBlock()


class PageLinkBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    page = PageChooserBlock(label=_("Page"))
    label = CharBlock(
        label=_("Words"), required=False, max_length=40, help_text=_("Empty: the title of the page.")
    )

    class Meta:
        icon = "doc-empty"
        label = _("Page")


class AddressLinkBlock(StructBlock):  # type: ignore[misc]  # Wagtail ships no types
    label = CharBlock(label=_("Words"), max_length=40)
    address = URLBlock(label=_("Address"))

    class Meta:
        icon = "link-external"
        label = _("Address elsewhere")


class MenuBlock(StreamBlock):  # type: ignore[misc]  # Wagtail ships no types
    page = PageLinkBlock()
    address = AddressLinkBlock()
