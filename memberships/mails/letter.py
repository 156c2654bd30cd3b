"""A notice as a mail: a subject, a text and its HTML, in the customer's language."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from memberships.bills import bill_of
from memberships.models import Invoice, Notice
from memberships.operations.entitlements import entitlements
from memberships.story import headline
from products.limit_display import format_limit
from products.limits import Kind, Limits
from products.models.limit import LABELS


def compose(notice: Notice) -> EmailMultiAlternatives:
    """The mail in the active language, as text and HTML. The text's first line is the subject."""
    membership = notice.membership
    invoice = Invoice.objects.filter(reference=notice.reference).prefetch_related("lines").first()
    plan = membership.items.live().filter(product__type="plan").select_related("product").first()
    context = {
        "network_name": settings.NETWORK_NAME,
        "customer": membership.customer,
        "membership": membership,
        "current_plan": plan.product.name if plan else "",
        "invoice": invoice,
        "bill": bill_of(invoice) if invoice else None,
        "story": _story(notice),
        "change": membership.scheduled_changes.filter(reference=notice.reference).first(),
        "limits": [
            {"label": LABELS[kind], "amount": format_limit(kind, amount)}
            for kind, amount in _in_order(entitlements(membership))
        ],
        "account_url": f"{settings.NETWORK_ORIGIN}/account/{membership.uid}/",
        "action_url": f"{settings.NETWORK_ORIGIN}/account/{membership.uid}/",
        "action_label": _("Open your Account page"),
    }
    plain = (
        Engine.get_default()
        .get_template(f"mail/{notice.kind}.txt")
        .render(Context(context, autoescape=False))
    )
    subject, text = plain.strip().split("\n", 1)
    subject = subject.strip()
    message = EmailMultiAlternatives(
        subject=subject,
        body=text.strip() + "\n",
        to=[notice.to],
        headers={"Message-ID": f"<notice-{notice.pk}-{membership.uid}@{settings.SITES_DOMAIN}>"},
    )
    html_body = render_to_string(f"mail/{notice.kind}.html", {**context, "subject": subject})
    message.attach_alternative(html_body, "text/html")
    return message


def in_their_language(notice: Notice) -> EmailMultiAlternatives:
    """The mail as its reader gets it."""
    with translation.override(notice.membership.customer.user.language or settings.LANGUAGE_CODE):
        return compose(notice)


def _in_order(limits: Limits) -> list[tuple[Kind, int | None]]:
    return [(kind, limits[kind]) for kind in Kind if limits[kind] != 0]


def _story(notice: Notice) -> str:
    told = notice.membership.transitions.filter(reference=notice.reference).first()
    return headline(kind=told.kind, came_from=told.came_from, went_to=told.went_to) if told else ""
