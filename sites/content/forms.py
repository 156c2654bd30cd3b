"""Forms of the dashboard that know the limits."""

from typing import Any

from wagtail.admin.forms.pages import CopyForm

from products.limits import Kind
from sites import entitlements


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
        for kind, amount in wanted.items():
            reached = entitlements.refusal_of(kind, amount)
            if reached is not None:
                self.add_error(
                    "new_title", entitlements.explain_with_way_out(reached)
                )  # this page shows field errors only
        return cleaned
