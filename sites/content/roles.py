"""Roles in a site, as Wagtail's groups. Every function works in the current schema."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from wagtail.models import Collection, GroupApprovalTask, GroupCollectionPermission, GroupPagePermission, Page

from accounts.models import User
from sites.models import Role

GROUPS: Final = {Role.EDITOR: "Editors", Role.WRITER: "Writers"}
# A writer adds pages and changes those they added; publishing is asked for. An editor does the rest.
ON_PAGES: Final = {
    Role.EDITOR: ("add_page", "change_page", "publish_page", "bulk_delete_page", "lock_page", "unlock_page"),
    Role.WRITER: ("add_page",),
}
ON_IMAGES: Final = {
    Role.EDITOR: ("add_image", "change_image", "choose_image"),
    Role.WRITER: ("add_image", "choose_image"),
}
ON_DOCUMENTS: Final = {
    Role.EDITOR: ("add_document", "change_document", "choose_document"),
    Role.WRITER: ("add_document", "choose_document"),
}


def place(user: User, role: Role) -> None:
    """Let `user` be `role` and nothing else in this site."""
    user.is_active, user.is_superuser = True, role == Role.OWNER
    user.save()
    user.groups.set([] if role == Role.OWNER else [_group(role)])
    user.user_permissions.clear()


def only(people: Mapping[uuid.UUID, Role]) -> None:
    """Shut everybody out who is not among `people`, and give those the roles they have; nobody is made."""
    for user in User.objects.filter(is_active=True).exclude(uid__in=people):
        _shut_out(user)
    for user in User.objects.filter(uid__in=people):
        place(user, people[user.uid])


def _shut_out(user: User) -> None:
    """Every session of theirs is over, also should they come back: it bears the mark of the password they had here."""
    user.is_active = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()


def _group(role: Role) -> Group:
    """The role's group, with exactly what the role may do. Editors are also those who approve what writers submit."""
    group, _is_new = Group.objects.get_or_create(name=GROUPS[role])
    group.permissions.set(_permissions("wagtailadmin", ["access_admin"]))
    pages, files = _permissions("wagtailcore", ON_PAGES[role]), _permissions("wagtailimages", ON_IMAGES[role])
    files |= _permissions("wagtaildocs", ON_DOCUMENTS[role])
    _allow(GroupPagePermission, group, page=Page.get_first_root_node(), permissions=pages)
    _allow(GroupCollectionPermission, group, collection=Collection.get_first_root_node(), permissions=files)
    if role == Role.EDITOR:
        for task in GroupApprovalTask.objects.all():
            task.groups.set([group])
    return group


def _permissions(app: str, codenames: Sequence[str]) -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label=app, codename__in=codenames)


def _allow(model: Any, group: Group, *, permissions: QuerySet[Permission], **where: Any) -> None:
    model.objects.filter(group=group).exclude(permission__in=permissions, **where).delete()
    rows = [model(group=group, permission=permission, **where) for permission in permissions]
    model.objects.bulk_create(rows, ignore_conflicts=True)
