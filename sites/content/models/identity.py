import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList, TabbedInterface
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from sites.content.blocks import MenuBlock
from sites.content.forms import IdentityForm
from sites.content.models.media import SiteImage
from sites.content.stylesheet import LONGEST, validate_stylesheet
from sites.content.themes import Accent, Mode, Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuLink:
    """A line of a menu. `path` is the linked page's place in the tree, empty for an address elsewhere."""

    label: str
    url: str
    path: str = ""


def languages() -> list[tuple[str, Any]]:
    return list(settings.LANGUAGES)


@register_setting(icon="site", order=100)
class SiteIdentity(BaseGenericSetting):  # type: ignore[misc]  # Wagtail ships no types
    """What the site is called, how it looks, and what its menus lead to. One row."""

    name = models.CharField(_("site name"), max_length=80)
    tagline = models.CharField(
        _("tagline"), max_length=140, blank=True, help_text=_("One sentence under the name.")
    )
    language = models.CharField(
        _("language"),
        max_length=12,
        choices=languages,
        default="en",
        help_text=_("The language you write in. Dates and buttons on your pages follow it."),
    )
    footer = models.CharField(_("footer line"), max_length=200, blank=True)

    theme = models.CharField(_("theme"), max_length=20, choices=Theme, default=Theme.MEADOW)
    accent = models.CharField(_("accent colour"), max_length=10, choices=Accent, default=Accent.OCEAN)
    mode = models.CharField(_("light or dark"), max_length=10, choices=Mode, default=Mode.AUTO)
    logo = models.ForeignKey(
        SiteImage,
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Stands in place of the name at the top. Shown 40 pixels high."),
    )
    icon = models.ForeignKey(
        SiteImage,
        verbose_name=_("icon"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("A square picture for the browser's tab."),
    )

    main_menu = StreamField(
        MenuBlock(),
        blank=True,
        verbose_name=_("main menu"),
        help_text=_("Empty: the pages under the home page that are set to show in menus."),
    )
    footer_menu = StreamField(MenuBlock(), blank=True, verbose_name=_("footer menu"))

    custom_css = models.TextField(
        _("own styles"),
        max_length=LONGEST,
        blank=True,
        validators=[validate_stylesheet],
        help_text=_(
            "CSS for your pages, after the theme's. Pictures may come from this site's own files only."
        ),
    )

    base_form_class = IdentityForm
    edit_handler = TabbedInterface(
        [
            ObjectList([FieldPanel(f) for f in ("name", "tagline", "language", "footer")], _("Name")),
            ObjectList([FieldPanel(f) for f in ("theme", "accent", "mode", "logo", "icon")], _("Look")),
            ObjectList([FieldPanel("main_menu"), FieldPanel("footer_menu")], _("Menus")),
            ObjectList(
                [HelpPanel(template="content/own_styles.html"), FieldPanel("custom_css")], _("Own styles")
            ),
        ]
    )

    class Meta:
        verbose_name = _("Site identity")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def base_queryset(cls) -> Any:
        return cls.objects.select_related("logo", "icon")

    @property
    def design(self) -> Theme:
        return Theme(self.theme)

    @property
    def stylesheet_version(self) -> str:
        """Another one whenever the own styles change; empty when there are none."""
        return hashlib.sha256(self.custom_css.encode()).hexdigest()[:12] if self.custom_css else ""


def links_of(menu: Any) -> list[MenuLink]:
    """The lines of a menu that lead somewhere: pages that are deleted or not published are left out."""
    links = []
    for block in menu:
        value = block.value
        if block.block_type == "address":
            links.append(MenuLink(label=value["label"], url=value["address"]))
        elif value["page"] is not None and value["page"].live:
            page = value["page"]
            links.append(MenuLink(label=value["label"] or page.title, url=page.url, path=page.path))
    return links
