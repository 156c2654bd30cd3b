"""Endpoints: where the network's events go, whether they arrive, and the secret that they are signed with."""

from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.secrecy import KeepsSecrets
from checkout.hooks.addresses import BadAddress, Fault, parse
from checkout.hooks.events import EVENTS
from checkout.hooks.models import Endpoint, Message
from checkout.hooks.operations import FAILING, GONE, change_secret, disable, enable, make_endpoint, send_test
from products.admin.asking import ask, the_row
from products.admin.base import NOTHING, Admin, action, badge, display

REFUSALS = {
    Fault.UNREADABLE: _("Enter the whole address, such as https://hooks.example/from-us."),
    Fault.NOT_TLS: _("The address must begin with https."),
    Fault.PASSWORD: _("The address must not hold a user name or a password."),
    Fault.HOST: _("Enter a public host by its name: no IP address, and no name of your own network."),
}
REASONS = {
    GONE: _("It answered that it wants no webhooks any more (410 Gone)."),
    FAILING: _("It took nothing for as long as a message is tried."),
}


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes none at run time
    url = forms.CharField(
        label=_("Address"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Where messages are posted to, with https."),
    )
    types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[
            (event, format_html("<code>{}</code>: {}", event, label)) for event, label in EVENTS.items()
        ],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Choose none to be told of everything, also of what there will be later."),
    )

    class Meta:
        model = Endpoint
        fields = ("url", "description", "types")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            parse(url, trusted=settings.HOOKS_TRUSTED_HOSTS)
        except BadAddress as error:
            raise forms.ValidationError(REFUSALS[error.fault], code=error.fault) from error
        return url


class Nothing(forms.Form):
    """One button."""


@admin.register(Endpoint)
class EndpointAdmin(KeepsSecrets, Admin[Endpoint]):
    secrets: ClassVar[frozenset[str]] = frozenset({"secret", "previous_secret"})
    form = EndpointForm
    list_display = ("name", "state_label", "told_of", "failing_since", "owner")
    list_select_related = ("owner",)
    list_filter = ("state",)
    search_fields = ("url", "description", "owner__email")
    search_help_text = _("Address, description or the owner's e-mail address")
    readonly_fields = (
        *("state_label", "why", "messages_link", "owner", "created_at", "failing_since"),
        *("signing_secret", "previous_secret_until", "uid"),
    )
    actions_detail: ClassVar[tuple[str, ...]] = ("send_test", "change_secret", "switch")

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """Its log stays; one that is not wanted is disabled."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        chosen = ("url", "description", "types")
        if obj is None:
            return [(None, {"fields": chosen})]
        secret = ("signing_secret", "previous_secret_until") if self.has_change_permission(request) else ()
        shown = (
            "state_label",
            "why",
            "failing_since",
            "messages_link",
            *secret,
            "owner",
            "created_at",
            "uid",
        )
        return [(None, {"fields": shown}), (_("What it is told"), {"fields": chosen})]

    def save_model(self, request: HttpRequest, obj: Endpoint, _form: Any, change: Any) -> None:
        if change:
            obj.save(update_fields=["url", "description", "types"])
            return
        obj.pk = make_endpoint(
            url=obj.url,
            description=obj.description,
            types=obj.types,
            owner=cast("User", request.user),
            now=timezone.now(),
        ).pk
        obj.refresh_from_db()

    def response_add(self, _request: HttpRequest, obj: Endpoint, _url: Any = None) -> HttpResponse:
        """To its page, where the secret is."""
        return redirect("admin:hooks_endpoint_change", obj.pk)

    @display(description=_("endpoint"), ordering="url", header=True)
    def name(self, endpoint: Endpoint) -> tuple[str, str]:
        return str(endpoint), endpoint.url

    @display(description=_("state"), ordering="state")
    def state_label(self, endpoint: Endpoint) -> SafeString:
        if endpoint.state == Endpoint.State.ENABLED and endpoint.failing_since:
            return badge(str(_("Failing")), "warning")
        colour = "success" if endpoint.state == Endpoint.State.ENABLED else "danger"
        return badge(endpoint.get_state_display(), colour)

    @display(description=_("told of"))
    def told_of(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.types) or str(_("Everything"))

    @display(description=_("disabled because"))
    def why(self, endpoint: Endpoint) -> Any:
        return REASONS.get(endpoint.disabled_because, NOTHING)

    @display(description=_("messages"))
    def messages_link(self, endpoint: Endpoint) -> SafeString:
        address = reverse("admin:hooks_message_changelist")
        return format_html(
            '<a class="text-primary-600 underline dark:text-primary-500" href="{}?endpoint__id__exact={}">{}</a>',
            address, endpoint.pk, _("Everything that it was told"),
        )  # fmt: skip

    @display(description=_("secret"))
    def signing_secret(self, endpoint: Endpoint) -> SafeString:
        return format_html('<code class="break-all">{}</code>', endpoint.secret)

    def has_steer_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("hooks.change_endpoint")

    @action(description=_("Send test"), url_path="test", permissions=["steer"], icon="send")
    def send_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint: Endpoint = the_row(self, request, object_id)
        if request.method != "POST":
            return self._ask(request, endpoint, title=_("Send test"), warning="")
        message = send_test(endpoint=endpoint, now=timezone.now())
        delivery = message.deliveries.get()
        if message.state == Message.State.TAKEN:
            said = _("It took the test message: %(status)s, after %(milliseconds)s ms.")
        elif delivery.status:
            said = _("It refused the test message: %(status)s, after %(milliseconds)s ms.")
        else:
            said = _("It could not be reached: %(error)s")
        level = messages.SUCCESS if message.state == Message.State.TAKEN else messages.ERROR
        messages.add_message(request, level, str(said) % vars(delivery))
        return redirect("admin:hooks_message_change", message.pk)

    @action(description=_("Change secret"), url_path="secret", permissions=["steer"], icon="key")
    def change_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint: Endpoint = the_row(self, request, object_id)
        if request.method != "POST":
            warning = _("Messages are signed with the new secret and, for 24 hours, with the old one too.")
            return self._ask(request, endpoint, title=_("Change secret"), warning=warning)
        change_secret(endpoint=endpoint, now=timezone.now())
        messages.success(request, _("There is a new secret. The old one is valid for 24 hours."))
        return redirect("admin:hooks_endpoint_change", endpoint.pk)

    @action(
        description=_("Enable or disable"),
        url_path="switch",
        permissions=["steer"],
        icon="power_settings_new",
    )
    def switch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint: Endpoint = the_row(self, request, object_id)
        is_on = endpoint.state == Endpoint.State.ENABLED
        if request.method != "POST":
            title = _("Disable") if is_on else _("Enable")
            warning = (
                _("What happens meanwhile is not told later, and what waits is not sent.") if is_on else ""
            )
            return self._ask(request, endpoint, title=title, warning=warning, turn="off" if is_on else "on")
        if request.POST.get("turn") == "off":
            disable(endpoint=endpoint, now=timezone.now())
            messages.success(request, _("It is told nothing any more."))
        else:
            enable(endpoint=endpoint)
            messages.success(request, _("It is told what happens from now on."))
        return redirect("admin:hooks_endpoint_change", endpoint.pk)

    def _ask(
        self, request: HttpRequest, endpoint: Endpoint, *, title: Any, warning: Any, turn: str = ""
    ) -> HttpResponse:
        form = Nothing()
        if turn:
            form.fields["turn"] = forms.CharField(widget=forms.HiddenInput, initial=turn)
        facts = [(_("address"), endpoint.url), (_("state"), endpoint.get_state_display())]
        return ask(
            self, request, endpoint, form=form, title=title, button=title, facts=facts, warning=warning
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return super().get_queryset(request).select_related("owner")
