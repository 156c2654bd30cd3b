"""Forms of the dashboard that know the limits."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.urls import resolve
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.forms.pages import CopyForm, WagtailAdminPageForm
from wagtail.contrib.forms.forms import WagtailAdminFormPageForm

from products.limits import Kind
from sites import entitlements

DEPTH_OF_HOME: Final = 2  # in the tree of pages, below its root
PAGES: Final = "wagtail_serve"  # the name of the address that leads to pages


class LimitedCopyForm(CopyForm):  # type: ignore[misc]  # Wagtail ships no types
    """Copying a page, told before it happens when the copies would not fit."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        pages = [self.page.specific]
        if cleaned.get("copy_subpages"):
            pages += self.page.get_descendants().specific()
        wanted: dict[Kind, int] = {}
        for page in pages:
            kind = getattr(page, "limit_kind", None)
            if kind is not None:
                wanted[kind] = wanted.get(kind, 0) + 1
        features = {page.feature for page in pages if getattr(page, "feature", None)}
        refusals = [
            *(entitlements.refusal_of_switch(feature) for feature in features),
            *(entitlements.refusal_of(kind, amount) for kind, amount in wanted.items()),
        ]
        for reached in refusals:
            if reached is not None:
                self.add_error(
                    "new_title", entitlements.explain_with_way_out(reached)
                )  # this page shows field errors only
        return cleaned


class SitePageForm(WagtailAdminPageForm):  # type: ignore[misc]  # Wagtail ships no types
    """Editing a page. One under the home page cannot have an address that the site itself answers at."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        slug = cleaned.get("slug")
        if slug and self.parent_page.depth == DEPTH_OF_HOME and resolve(f"/{slug}/").url_name != PAGES:
            self.add_error("slug", _("This address is taken by the site itself. Choose another."))
        return cleaned


class LimitedPageForm(SitePageForm):
    """Editing a page. A parked one is kept as it is: it can be published when there is room, and not changed before."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        page = self.instance
        if page.pk and not page.live and page.is_parked and not self._finds_room():
            raise ValidationError(
                _(
                    "Nothing was saved: this page is parked. "
                    "It can be published again when there is room for it in your plan."
                ),
                code="parked",
            )
        return cleaned

    def _finds_room(self) -> bool:
        is_published = "action-publish" in self.data
        return is_published and entitlements.refusal_of(self.instance.limit_kind) is None


class ContactPageForm(LimitedPageForm, WagtailAdminFormPageForm):  # type: ignore[misc]  # Wagtail ships no types
    """Editing a contact form: Wagtail's checks of its fields, and the limits."""


class IdentityForm(WagtailAdminModelForm):  # type: ignore[misc]  # Wagtail ships no types
    """The site's settings. Own styles that are there already may stay or go; new ones need the feature."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        adds_styles = "custom_css" in self.changed_data and cleaned.get("custom_css")
        reached = entitlements.refusal_of_switch(Kind.CUSTOM_CSS) if adds_styles else None
        if reached is not None:
            self.add_error("custom_css", entitlements.explain_with_way_out(reached))
        return cleaned
