"""Who works here: asked in with a role, given another, taken off."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from accounts.secrecy import KeepsSecrets
from accounts.staff.invitation import invite
from accounts.staff.models import ABOUT, Role, StaffMember, role_label
from accounts.staff.operations import (
    LastOwner,
    OwnAccount,
    WorksHere,
    change_role,
    dismiss,
    engage,
    forget_second_factor,
)

_F = TypeVar("_F", bound=Callable[..., Any])

if TYPE_CHECKING:  # Unfold ships no types

    def action(*, description: Any, url_path: str, permissions: list[str], icon: str) -> Callable[[_F], _F]:
        """A button on a row's page that leads to a page of its own."""

else:
    from unfold.decorators import action

OWN_ACCOUNT = gettext_lazy("Nobody decides about their own role. Ask another owner.")
LAST_OWNER = gettext_lazy("This is the last owner. Make somebody else an owner first.")


class RoleField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """The roles of the house first, each with what it is for."""

    def __init__(self) -> None:
        super().__init__(
            label=capfirst(gettext_lazy("role")),
            queryset=Group.objects.order_by("pk"),
            empty_label=None,
            widget=UnfoldAdminRadioSelectWidget,
        )

    def label_from_instance(self, obj: Any) -> SafeString | str:
        if obj.name not in Role:
            return str(obj.name)
        return format_html("{}: {}", role_label(obj), ABOUT[Role(obj.name)])


class EngageForm(forms.ModelForm):  # type: ignore[type-arg]  # see above
    email = forms.EmailField(
        label=capfirst(gettext_lazy("e-mail address")),
        widget=UnfoldAdminEmailInputWidget,
        help_text=gettext_lazy(
            "They are written to, and choose a password of their own. A customer keeps their account."
        ),
    )
    name = forms.CharField(
        label=capfirst(gettext_lazy("name")), max_length=120, widget=UnfoldAdminTextInputWidget
    )
    role = RoleField()

    class Meta:
        model = StaffMember
        fields = ()

    def _post_clean(self) -> None:
        """The operation makes the row, or finds it."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if StaffMember.objects.filter(email=email).exists():
            raise forms.ValidationError(
                _("Somebody with this address works here already."), code="works_here"
            )
        return email


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]  # see above
    role = RoleField()

    class Meta:
        model = StaffMember
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = self.instance.groups.first() or self._owner()

    def _owner(self) -> Group | None:
        """Whoever was made at the command line is an owner without the group."""
        return Group.objects.filter(name=Role.OWNER).first() if self.instance.is_superuser else None

    def clean_role(self) -> Group:
        role: Group = self.cleaned_data["role"]
        others = StaffMember.objects.owners().exclude(pk=self.instance.pk)
        if self.instance.is_owner and role.name != Role.OWNER and not others.exists():
            raise forms.ValidationError(LAST_OWNER, code="last_owner")
        return role


@admin.register(StaffMember)
class StaffMemberAdmin(KeepsSecrets, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    secrets: ClassVar[frozenset[str]] = frozenset({"password"})
    list_display = ("email", "name", "role", "second_factor", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("email", "name", "role_now", "second_factor", "is_active", "last_login", "date_joined")
    actions_detail: ClassVar[tuple[str, ...]] = ("invite_again", "reset_second_factor", "end_work")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffMember]:
        members: QuerySet[StaffMember] = super().get_queryset(request)
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return members.prefetch_related("groups").annotate(has_second_factor=Exists(factors))

    @admin.display(description=gettext_lazy("role"))
    def role(self, member: StaffMember) -> str:
        roles = [role_label(group) for group in member.groups.all()]
        return ", ".join(roles) or (str(Role.OWNER.label) if member.is_superuser else _("None"))

    role_now = role

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def second_factor(self, member: Any) -> bool:
        has: bool = member.has_second_factor
        return has

    # The page

    def get_form(
        self, request: HttpRequest, obj: StaffMember | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        form = EngageForm if obj is None else RoleForm
        return super().get_form(request, obj, *args, **{**kwargs, "form": form, "fields": ()})

    def get_fields(self, request: HttpRequest, obj: StaffMember | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("email", "name", "role")
        role = "role" if self.has_change_permission(request, obj) else "role_now"
        return ("email", "name", role, "second_factor", "is_active", "last_login", "date_joined")

    def get_readonly_fields(self, _request: HttpRequest, obj: StaffMember | None = None) -> tuple[str, ...]:
        return () if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: StaffMember, form: Any, change: Any) -> None:
        role = form.cleaned_data["role"]
        if change:
            change_role(member=obj, role=role, actor=cast("User", request.user))
            return
        typed = form.cleaned_data
        member = engage(email=typed["email"], name=typed["name"], role=role, now=timezone.now())
        obj.pk = member.pk
        obj.refresh_from_db()
        transaction.on_commit(partial(_invite, request, member))

    def save_related(self, *_args: Any) -> None:
        """The operations have saved everything."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except (LastOwner, OwnAccount, WorksHere) as refusal:  # somebody else was quicker
            messages.error(request, _refusal(refusal))
            return redirect("admin:staff_staffmember_changelist")
        return answer

    # Permissions

    def has_change_permission(self, request: HttpRequest, obj: StaffMember | None = None) -> bool:
        """Nobody decides about themselves."""
        itself = obj is not None and obj.pk == request.user.pk
        return bool(super().has_change_permission(request, obj)) and not itself

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        """People are taken off the staff: history names them."""
        return False

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("staff.change_staffmember") and object_id != str(request.user.pk)

    # What can be done about a colleague

    @action(
        description=gettext_lazy("Send the invitation again"),
        url_path="invite",
        permissions=["decide"],
        icon="mail",
    )
    def invite_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member = self._member(request, object_id)
        title = _("Send the invitation again")
        if request.method != "POST":
            return self._ask(request, member, title=title)
        _invite(request, member)
        return redirect("admin:staff_staffmember_change", member.pk)

    @action(
        description=gettext_lazy("Reset the second factor"),
        url_path="second-factor",
        permissions=["decide"],
        icon="shield",
    )
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member = self._member(request, object_id)
        title = _("Reset the second factor")
        if request.method != "POST":
            warning = _(
                "For somebody who has lost their phone and their codes. Make sure that it is they who ask."
            )
            return self._ask(request, member, title=title, warning=warning)
        forget_second_factor(member=member, actor=cast("User", request.user))
        messages.success(
            request, _("Their password is enough to sign in, until they set up another second factor.")
        )
        return redirect("admin:staff_staffmember_change", member.pk)

    @action(
        description=gettext_lazy("Take off the staff"),
        url_path="end",
        permissions=["decide"],
        icon="person_off",
    )
    def end_work(self, request: HttpRequest, object_id: str) -> HttpResponse:
        member = self._member(request, object_id)
        if request.method != "POST":
            warning = _(
                "They cannot open the network admin any more. Their account stays, as that of a customer."
            )
            return self._ask(request, member, title=_("Take off the staff"), warning=warning)
        try:
            dismiss(member=member, actor=cast("User", request.user))
        except (LastOwner, OwnAccount) as refusal:
            messages.error(request, _refusal(refusal))
            return redirect("admin:staff_staffmember_change", member.pk)
        messages.success(request, _("%(name)s does not work here any more.") % {"name": member})
        return redirect("admin:staff_staffmember_changelist")

    def _member(self, request: HttpRequest, object_id: str) -> StaffMember:
        member: StaffMember | None = self.get_object(request, object_id)
        if member is None:
            raise Http404
        if not self.has_decide_permission(request, str(member.pk)):
            raise PermissionDenied
        return member

    def _ask(
        self, request: HttpRequest, member: StaffMember, *, title: str, warning: str = ""
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": member,
            "title": title,
            "button": title,
            "form": forms.Form(),
            "facts": [
                (_("staff member"), member),
                (_("e-mail address"), member.email),
                (_("role"), self.role(member)),
            ],
            "warning": warning,
        }
        return TemplateResponse(request, "admin/asking.html", context)


def _invite(request: HttpRequest, member: StaffMember) -> None:
    try:
        invite(member)
    except OSError:
        messages.error(request, _("No mail server takes the invitation. Send it again in a while."))
    else:
        messages.success(request, _("A mail with the way in is sent to %(email)s.") % {"email": member.email})


def _refusal(refusal: Exception) -> Any:
    if isinstance(refusal, OwnAccount):
        return OWN_ACCOUNT
    return (
        LAST_OWNER if isinstance(refusal, LastOwner) else _("Somebody with this address works here already.")
    )
