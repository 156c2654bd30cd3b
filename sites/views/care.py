"""On the network, for a site's owner: a copy of it to keep, deleting it, and taking it back."""

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.network.live import network
from memberships.models import Membership
from products.date_display import day
from sites import addresses, tasks
from sites.entitlements import LimitReached, explain
from sites.models import Site, SiteJob
from sites.names import LONGEST_NAME
from sites.operations.jobs import COPY_FOR, CopyRefused, ask_for_copy, copies_of, is_for_download, progress
from sites.operations.recycle import NotInTheBin, put_back_site, recycle_site
from sites.views.owned import own_site

REFUSALS = {
    "under_way": gettext_lazy("Somebody is at work on this site already. Wait until that is done."),
    "too_many": gettext_lazy("You have had many copies made today. Have the next one made tomorrow."),
}


class DeleteForm(forms.Form):
    """Whoever deletes types the address, so that it is never the wrong one of two open windows."""

    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Type the first part of the site's address.")},
    )

    def __init__(self, data: object = None, *, site: Site) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what request.POST is, or None
        self._wanted = site.slug
        self.fields["slug"].help_text = _("Type “%(slug)s”, to be sure it is this site.") % {
            "slug": site.slug
        }

    def clean_slug(self) -> str:
        if self.cleaned_data["slug"].strip().lower() != self._wanted:
            raise forms.ValidationError(
                _("This is not the address of this site. Type “%(slug)s”.") % {"slug": self._wanted}
            )
        return self._wanted


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def copies(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET shows the copies that can be had, for htmx the part that changes; POST asks for one more."""
    site = own_site(request, uid)
    if site.state != Site.State.READY:
        raise Http404
    now = timezone.now()
    if request.method == "POST":
        try:
            job = ask_for_copy(site=site, asked_by=cast("str", request.user.email), now=now)  # type: ignore[union-attr]  # signed in
        except CopyRefused as refused:
            messages.warning(request, str(REFUSALS[refused.code]))
        else:
            tasks.run_job.enqueue(job_id=job.pk)
        return redirect("sites:copies", uid=site.uid)
    jobs = copies_of(site, now=now)
    made = [
        {
            "job": job,
            "percent": progress(job)[0],
            "is_here": is_for_download(job, now=now),
            "until": day(job.finished_at + COPY_FOR) if job.finished_at else "",
        }
        for job in jobs
    ]
    context = {
        "site": site,
        "copies": made,
        "is_under_way": any(job.finished_at is None for job in jobs),
        "days": COPY_FOR.days,
    }
    is_part = bool(request.headers.get("HX-Request"))
    return render(request, "pages/site_copies/list.html" if is_part else "pages/site_copies.html", context)


@cache_control(private=True, no_store=True)
@login_required
@require_GET
def copy(request: HttpRequest, uid: uuid.UUID, job_uid: uuid.UUID) -> FileResponse:
    """The file, for its site's owner and for as long as the page says."""
    site = own_site(request, uid)
    job = get_object_or_404(SiteJob, site=site, uid=job_uid, kind=SiteJob.Kind.EXPORT)
    if not is_for_download(job, now=timezone.now()):
        raise Http404
    return FileResponse(job.path.open("rb"), as_attachment=True, filename=job.archive)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """GET says what deleting means; POST puts the site into the recycle bin."""
    site = own_site(request, uid)
    form = DeleteForm(request.POST if request.method == "POST" else None, site=site)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        recycle_site(site_id=site.pk, now=now)
        until = {"name": site.name, "days": network.recycle_days}
        messages.success(request, _("%(name)s is deleted. You can take it back for %(days)s days.") % until)
        return redirect(_account_of(site))
    names = list(site.domains.exclude(domain=site.host).values_list("domain", flat=True))
    context = {"site": site, "form": form, "names": names, "days": network.recycle_days}
    return render(request, "pages/site_delete.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def put_back(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take the site out of the recycle bin, while the plan has room for it."""
    owned = Site.objects.owned_by(request.user).select_related("membership")
    site = get_object_or_404(owned, uid=uid)
    try:
        put_back_site(site_id=site.pk, now=timezone.now())
    except Site.DoesNotExist:
        raise Http404 from None
    except NotInTheBin:
        messages.info(request, _("This site is not deleted."))
    except LimitReached as reached:
        if site.membership.state in Membership.ENDED:
            messages.warning(
                request, _("Your membership has ended. Come back first; the site is kept meanwhile.")
            )
        else:
            messages.warning(request, explain(reached))
    else:
        tasks.apply_entitlements.enqueue(site_id=site.pk)  # they may have changed meanwhile
        messages.success(request, _("%(name)s is back.") % {"name": site.name})
    return redirect(_account_of(site))


def _account_of(site: Site) -> str:
    return f"{addresses.account_url(site.membership.uid)}#sites"
