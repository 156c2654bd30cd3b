"""What customers were told: each mail as it was sent, sent again on request; and what each kind of mail looks like."""

import logging
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.letters import Letter
from accounts.models import User
from memberships.admin.colours import BAD, BUSY, GOOD
from memberships.mails.letter import language_of, letter_of
from memberships.mails.samples import sample
from memberships.models import Notice
from memberships.notices import KINDS, AlreadyOnItsWay, notify_again
from products.admin.base import Admin, DateRange, ReadOnly, badge, display

log = logging.getLogger(__name__)
# a mail in a frame of the admin's page: it runs nothing, fetches nothing, and nobody else may show it
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
SENT, WAITING, GIVEN_UP = "sent", "waiting", "given_up"
STATES = {
    SENT: (_("Sent"), GOOD, Q(sent_at__isnull=False)),
    WAITING: (_("Waiting"), BUSY, Q(next_try_at__isnull=False)),
    GIVEN_UP: (_("Given up"), BAD, Q(sent_at=None, next_try_at=None)),
}


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        return [(kind, gettext(known.title)) for kind, known in KINDS.items()]

    def queryset(self, _request: HttpRequest, notices: QuerySet[Notice]) -> QuerySet[Notice]:
        return notices.filter(kind=self.value()) if self.value() in KINDS else notices


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [(state, label) for state, (label, _colour, _rows) in STATES.items()]

    def queryset(self, _request: HttpRequest, notices: QuerySet[Notice]) -> QuerySet[Notice]:
        state = self.value()
        return notices.filter(STATES[state][2]) if state in STATES else notices


def state_of(notice: Notice) -> str:
    if notice.sent_at:
        return SENT
    return WAITING if notice.next_try_at else GIVEN_UP


def state_badge_of(notice: Notice) -> SafeString:
    label, colour, _rows = STATES[state_of(notice)]
    return badge(str(label), colour)


def kind_of(notice: Notice) -> str:
    """What kind of mail it is, in the reader's language. A kind of former times shows itself."""
    known = KINDS.get(notice.kind)
    return gettext(known.title) if known else notice.kind


@admin.register(Notice)
class NoticeAdmin(ReadOnly, Admin[Notice]):
    list_display = ("created_at", "kind_label", "who", "subject", "state_label", "sent_at", "trouble")
    list_filter = (StateFilter, KindFilter, ("created_at", DateRange))
    search_fields = ("to", "subject", "reference", "membership__customer__company")
    search_help_text = _("Address, subject, reference or company")
    readonly_fields = (
        *("kind_label", "state_label", "subject", "to", "membership", "created_at", "sent_at"),
        *("tries", "next_try_at", "error", "repeats", "actor", "reference", "facts"),
    )
    actions = ("send_again",)
    change_form_outer_after_template = "admin/memberships/notice.html"

    @display(description=_("kind"), ordering="kind")
    def kind_label(self, notice: Notice) -> str:
        return kind_of(notice)

    @display(description=_("customer"), ordering="to", header=True)
    def who(self, notice: Notice) -> tuple[str, str]:
        return str(notice.membership.customer), notice.to

    @display(description=_("state"))
    def state_label(self, notice: Notice) -> SafeString:
        return state_badge_of(notice)

    @display(description=_("error"))
    def trouble(self, notice: Notice) -> str:
        return Truncator(notice.error).chars(60)

    def get_fields(self, _request: HttpRequest, obj: Notice | None = None) -> Any:
        """What says nothing is left out: the tries of a mail that went out at once, who asked when nobody did."""
        may_be_empty = {"tries", "next_try_at", "error", "repeats", "actor", "facts"}
        return [name for name in self.readonly_fields if name not in may_be_empty or getattr(obj, name)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).select_related("membership__customer__user", "actor", "repeats")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("all/", view(self.all_mails), name="memberships_notice_all"),
            path("all/html/", view(self.sample_html), name="memberships_notice_sample"),
            path("<int:pk>/html/", view(self.html), name="memberships_notice_html"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        notice = self.get_object(request, object_id)
        context = {"text": _text_of(notice)} if notice else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})

    def html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The HTML of a mail, written anew from the rows of today."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        notice = self.get_object(request, str(pk))
        if notice is None:
            raise Http404
        try:
            return _in_a_frame(letter_of(notice, language=language_of(notice)).html)
        except Exception as error:
            log.exception("mail %s cannot be written", notice.pk)
            return _in_a_frame(format_html("<p>{}</p>", f"{type(error).__name__}: {error}"))

    def all_mails(self, request: HttpRequest) -> HttpResponse:
        """What each kind of mail looks like, in each language."""
        kind, language = self._chosen(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("All mails"),
            "opts": self.opts,
            "kinds": [(each, gettext(known.title)) for each, known in KINDS.items()],
            "languages": settings.LANGUAGES,
            "kind": kind,
            "language": language,
            "sent": gettext(KINDS[kind].sent),
            "letter": sample(kind, language=language, now=timezone.now()),
        }
        return TemplateResponse(request, "admin/memberships/all_mails.html", context)

    def sample_html(self, request: HttpRequest) -> HttpResponse:
        kind, language = self._chosen(request)
        letter: Letter = sample(kind, language=language, now=timezone.now())
        return _in_a_frame(letter.html)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("memberships.change_notice")

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, notices: QuerySet[Notice]) -> None:
        sent = 0
        for notice in notices:
            try:
                notify_again(notice=notice, actor=cast("User", request.user), now=timezone.now())
            except AlreadyOnItsWay:
                messages.warning(request, gettext("%s is already on its way.") % kind_of(notice))
            else:
                sent += 1
        if sent:
            sentence = ngettext("%s mail is sent again.", "%s mails are sent again.", sent)
            messages.success(request, sentence % sent)

    def _chosen(self, request: HttpRequest) -> tuple[str, str]:
        """The kind and the language asked for. Raises PermissionDenied and Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = request.GET.get("kind", next(iter(KINDS)))
        language = request.GET.get("language", get_language() or settings.LANGUAGE_CODE)
        if kind not in KINDS or language not in dict(settings.LANGUAGES):
            raise Http404
        return kind, language


def _text_of(notice: Notice) -> str:
    """The text as it was sent, or as it would be sent now."""
    if notice.body:
        return notice.body
    try:
        return letter_of(notice, language=language_of(notice)).text
    except Exception as error:
        log.exception("mail %s cannot be written", notice.pk)
        return f"{type(error).__name__}: {error}"


def _in_a_frame(html: str) -> HttpResponse:
    return HttpResponse(
        html, headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    )
