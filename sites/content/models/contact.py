import uuid
from functools import partial
from typing import Any

from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.forms import DateField, EmailField
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.models import (
    AbstractForm,
    AbstractFormField,
    AbstractFormSubmission,
    validate_to_address,
)
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.search import index

from products.limits import Kind
from sites import entitlements
from sites.content.forms import ContactPageForm
from sites.content.models.findable import Findable
from sites.content.models.limited import LimitedPage
from sites.postgresql.base import current_connection
from sites.signals import message_received

TRAP = "homepage"  # a field that people do not see; programs that fill in every field do


class ContactField(AbstractFormField):  # type: ignore[misc]  # Wagtail ships no types
    page = ParentalKey("content.ContactPage", on_delete=models.CASCADE, related_name="form_fields")


class ContactMessage(AbstractFormSubmission):  # type: ignore[misc]  # Wagtail ships no types
    """What a visitor sent. `uid` comes with the form, so a form sent twice is one message; `mailed_at` is empty
    until a mail server has taken it."""

    uid = models.UUIDField(_("identifier"), default=uuid.uuid4, unique=True, editable=False)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                "submit_time", name="messages_to_be_mailed", condition=models.Q(mailed_at__isnull=True)
            )
        ]


class ContactPage(LimitedPage, Findable, AbstractForm):  # type: ignore[misc, django-manager-missing]  # Wagtail ships no types
    """A page with a form. What is sent is kept in the dashboard and mailed.

    It takes a place among the pages, and the feature `contact_forms` must be on to make one and to send. Without it
    the page stays, its messages too, and it says that it takes no messages.
    """

    limit_kind = Kind.PAGES
    feature = Kind.CONTACT_FORMS
    base_form_class = ContactPageForm

    intro = models.TextField(_("introduction"), max_length=400, blank=True)
    thanks = models.TextField(
        _("words of thanks"), max_length=400, blank=True, help_text=_("Shown when a message was sent.")
    )
    to_address = models.CharField(
        _("mail messages to"),
        max_length=255,
        blank=True,
        validators=[validate_to_address],
        help_text=_("Addresses with a comma between them. Empty: the owner of the site."),
    )

    content_panels = [
        *AbstractForm.content_panels,
        FormSubmissionsPanel(),
        FieldPanel("intro"),
        InlinePanel(
            "form_fields",
            label=_("Field"),
            heading=_("Fields"),
            help_text=_("Without any, the form asks for a name, an e-mail address and a message."),
        ),
        FieldPanel("thanks"),
        FieldPanel("to_address"),
    ]
    search_fields = [*AbstractForm.search_fields, index.SearchField("intro")]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types: list[str] = []
    template = landing_page_template = "content/contact.html"

    class Meta:
        verbose_name = _("contact form")
        verbose_name_plural = _("contact forms")

    def clean(self) -> None:
        super().clean()
        if self._state.adding:
            reached = entitlements.refusal_of_switch(self.feature)
            if reached is not None:
                raise ValidationError(entitlements.explain(reached), code="limit_reached")

    def save(self, *args: Any, **kwargs: Any) -> None:
        reached = entitlements.refusal_of_switch(self.feature) if self._state.adding else None
        if reached is not None:
            raise reached
        super().save(*args, **kwargs)

    def get_submission_class(self) -> type[ContactMessage]:
        return ContactMessage

    def get_form_fields(self) -> list[Any]:
        return list(super().get_form_fields()) or usual_fields()

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)
        for name, field in form.fields.items():
            if isinstance(field, EmailField):
                field.widget.attrs["autocomplete"] = "email"
            elif isinstance(field, DateField):
                field.widget.input_type = "date"
            elif name == "your_name":
                field.widget.attrs["autocomplete"] = "name"
        return form

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["takes_messages"] = entitlements.is_on(self.feature)
        context["is_sent"] = "sent" in request.GET
        context["message_uid"] = request.POST.get("message") or uuid.uuid4()
        context["trap"] = TRAP
        return context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            if not entitlements.is_on(self.feature):
                return TemplateResponse(request, self.template, self.get_context(request), status=403)
            if request.POST.get(TRAP):
                return self.render_landing_page(request)
            if not ratelimit.consume(request, action="contact_form"):  # settings.ACCOUNT_RATE_LIMITS
                form = self.get_form(request.POST, page=self, user=request.user)
                context = self.get_context(request) | {"form": form, "is_too_much": True}
                return TemplateResponse(request, self.template, context, status=429)
        answer: HttpResponseBase = super().serve(request, *args, **kwargs)
        return answer

    def process_form_submission(self, form: Any) -> ContactMessage:
        with transaction.atomic():
            message: ContactMessage
            message, is_new = ContactMessage.objects.get_or_create(
                uid=_uid(form.data.get("message")), defaults={"form_data": form.cleaned_data, "page": self}
            )
            if is_new:
                news = partial(
                    message_received.send_robust, ContactMessage, site_id=current_connection().tenant.pk
                )
                transaction.on_commit(news)
        return message

    def render_landing_page(
        self,
        request: HttpRequest,
        form_submission: ContactMessage | None = None,  # noqa: ARG002 -- Wagtail's signature
        *_args: Any,
        **_kwargs: Any,
    ) -> HttpResponseBase:
        """Leads to the thanks by another address, so that loading the page again sends nothing."""
        if getattr(request, "is_preview", False):
            context = self.get_context(request) | {"is_sent": True}
            return TemplateResponse(request, self.template, context)
        return HttpResponseRedirect(f"{self.get_url(request)}?sent")


def usual_fields() -> list[ContactField]:
    """What a form asks for when its page does not say."""
    asked = (
        ("name", _("Name"), "singleline"),
        ("email", _("Email"), "email"),
        ("message", _("Message"), "multiline"),
    )
    return [
        ContactField(clean_name=f"your_{name}", label=label, field_type=field_type)
        for name, label, field_type in asked
    ]


def _uid(sent: str | None) -> uuid.UUID:
    """The form's own identifier; whoever sends none, or something else, gets one for this message."""
    try:
        return uuid.UUID(sent or "")
    except ValueError:
        return uuid.uuid4()
