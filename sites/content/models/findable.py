from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page

from sites.content.forms import SitePageForm
from sites.content.models.media import SiteImage


class Findable(models.Model):
    """What search engines learn of a page, and what is shown where somebody shares it, beside Wagtail's own title
    and description."""

    share_image = models.ForeignKey(
        SiteImage,
        verbose_name=_("picture when shared"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_(
            "Shown beside the link in messages and on social media. Else the picture of the page is taken."
        ),
    )
    is_unlisted = models.BooleanField(
        _("hide from search engines"),
        default=False,
        help_text=_("The page stays public, but is not in the sitemap and asks not to be found."),
    )

    base_form_class: ClassVar[type[SitePageForm]] = SitePageForm
    promote_panels = [
        *Page.promote_panels,
        MultiFieldPanel([FieldPanel("share_image"), FieldPanel("is_unlisted")], _("Sharing and finding")),
    ]

    class Meta:
        abstract = True

    @property
    def picture(self) -> SiteImage | None:
        """The page's own picture."""
        return None

    @property
    def shared_picture(self) -> SiteImage | None:
        return self.share_image or self.picture

    @property
    def summary(self) -> str:
        """One or two sentences about the page."""
        own: Any = self
        return str(own.search_description or getattr(own, "intro", ""))

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = super().get_sitemap_urls(request)  # type: ignore[misc]  # Wagtail's page
        return [] if self.is_unlisted else entries
