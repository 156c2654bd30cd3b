"""Pages that ask before a site is exported, restored, cloned, deleted or put back."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.network.live import network
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import Admin
from sites import tasks
from sites.entitlements import LimitReached, explain
from sites.models import Site, SiteJob
from sites.models.site import LONGEST_SITE_NAME, check_name
from sites.operations.recycle import NotInTheBin, put_back_site, recycle_site


class RestoreForm(forms.Form):
    archive = forms.ChoiceField(label=gettext_lazy("archive"), widget=UnfoldAdminSelectWidget)

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data)
        kept = site.jobs.filter(kind=SiteJob.Kind.EXPORT, state=SiteJob.State.DONE).order_by("-finished_at")
        archives = [job.archive for job in kept if job.path.exists()]
        cast("forms.ChoiceField", self.fields["archive"]).choices = [(name, name) for name in archives]
        if not archives:
            self.fields["archive"].help_text = _("There is no export of this site. Export it first.")


class CloneForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("name"), max_length=LONGEST_SITE_NAME, widget=UnfoldAdminTextInputWidget
    )
    slug = forms.CharField(
        label=gettext_lazy("address"), validators=[check_name], widget=UnfoldAdminTextInputWidget
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if Site.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("This address is taken. Choose another."))
        return slug


class DeleteForm(forms.Form):
    """Whoever deletes types the address, so that it is never the wrong one of two open windows."""

    slug = forms.CharField(
        label=gettext_lazy("address"),
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Type the first part of the site's address, to be sure it is this one."),
    )

    def __init__(self, data: Any = None, *, site: Site) -> None:
        super().__init__(data)
        self._wanted = site.slug

    def clean_slug(self) -> str:
        if self.cleaned_data["slug"] != self._wanted:
            raise forms.ValidationError(_("This is not the address of this site."))
        return self._wanted


def export_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST if request.method == "POST" else None)
    if form.is_valid():
        archive = f"{site.slug}-{timezone.now():%Y%m%d-%H%M%S}.zip"
        return _asked(request, site, kind=SiteJob.Kind.EXPORT, archive=archive)
    title = _("Export the site")
    return ask(model_admin, request, site, form=form, title=title, button=title, facts=_facts(site))


def restore_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = RestoreForm(request.POST or None, site=site)
    if form.is_valid():
        return _asked(request, site, kind=SiteJob.Kind.RESTORE, archive=form.cleaned_data["archive"])
    title = _("Restore the site")
    return ask(
        model_admin, request, site, form=form, title=title, button=title, facts=_facts(site),
        warning=_("What the site shows now is replaced, and kept for a week. What was written since the export is gone"
                  " from the site."),
    )  # fmt: skip


def clone_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = CloneForm(request.POST or None)
    if form.is_valid():
        return _asked(request, site, kind=SiteJob.Kind.CLONE, **form.cleaned_data)
    title = _("Clone the site")
    return ask(
        model_admin, request, site, form=form, title=title, button=title, facts=_facts(site),
        warning=_("The copy takes a place among the sites of this membership."),
    )  # fmt: skip


def delete_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = DeleteForm(request.POST or None, site=site)
    if form.is_valid():
        recycle_site(site_id=site.pk, now=timezone.now())
        messages.success(request, _("The site is in the recycle bin."))
        return _back(site)
    title = _("Delete the site")
    return ask(
        model_admin, request, site, form=form, title=title, button=title, facts=_facts(site),
        warning=_("Nobody sees the site from now on. It can be put back for %(days)s days; then it is erased.")
        % {"days": network.recycle_days},
    )  # fmt: skip


def put_back_page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    site: Site = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            put_back_site(site_id=site.pk, now=timezone.now())
        except LimitReached as reached:
            form.add_error(None, explain(reached))
        except NotInTheBin:
            messages.info(request, _("This site is not in the recycle bin."))
            return _back(site)
        else:
            messages.success(request, _("The site is back."))
            return _back(site)
    title = _("Put the site back")
    return ask(model_admin, request, site, form=form, title=title, button=title, facts=_facts(site))


def _asked(request: HttpRequest, site: Site, **what: Any) -> HttpResponse:
    """Write the job down and show it."""
    asked_by = cast("Any", request.user).email
    try:
        with transaction.atomic():
            job = SiteJob.objects.create(site=site, asked_by=asked_by, asked_at=timezone.now(), **what)
    except IntegrityError:
        messages.warning(request, _("A job on this site is under way. Wait until it is done."))
        return _back(site)
    tasks.run_job.enqueue(job_id=job.pk)
    return redirect("admin:sites_sitejob_change", job.pk)


def _facts(site: Site) -> list[tuple[Any, Any]]:
    return [(_("site"), site.name), (_("address"), site.host), (_("state"), site.get_state_display())]


def _back(site: Site) -> HttpResponse:
    return redirect("admin:sites_site_change", site.pk)
