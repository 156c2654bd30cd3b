"""What the figures count, in words: the definitions beside them."""

from django.utils.translation import gettext as _

from accounts.network.live import network
from memberships.models import RecurringAmount

Definitions = list[tuple[str, str]]
Movement = RecurringAmount.Movement


def of_recurring_revenue() -> Definitions:
    mrr = _(
        "What the memberships that pay bring in a month: plan and packages, as their next bill will ask for them. "
        "A year is divided by twelve, weeks and days by their share of a year. Without tax; discounts that will be "
        "alive then are taken off. Rounded once for each membership."
    )
    not_in_it = _(
        "Trials, free memberships, services and whatever is paid once, setup fees, credit and refunds. A planned "
        "downgrade or cancellation counts from its day on. Overdue memberships are in it until they expire; a "
        "trial whose first bill is unpaid is not."
    )
    return [
        (_("MRR"), mrr),
        (_("Not in it"), not_in_it),
        (str(Movement.NEW.label), _("A membership brings something for the first time, from Free too.")),
        (
            str(Movement.EXPANSION.label),
            _("It brings more: a dearer plan, a package, a discount that ran out."),
        ),
        (str(Movement.CONTRACTION.label), _("It brings less, and still something.")),
        (str(Movement.CHURN.label), _("It brings nothing any more: cancelled, expired, or down to Free.")),
        (str(Movement.REACTIVATION.label), _("It brings something again after it was lost.")),
        (_("Undone"), _("An upgrade that is undone takes back its own movement, with a row of its own.")),
        (_("ARPU"), _("MRR divided by the memberships that pay. A customer with two of them counts twice.")),
        (_("Currencies"), _("Each stands by itself. Nothing is converted, and nothing added up across.")),
    ]


def of_plans() -> Definitions:
    return [(_("By plan"), _("As it is now; a package counts for the plan that it goes with."))]


def of_invoices() -> Definitions:
    revenue = _(
        "What invoices came to, less credit notes, without tax, on the day they were issued: that is when the "
        "money is there. A year paid at once is all in its month. Products are counted by the lines of these "
        "documents."
    )
    return [(_("Revenue"), revenue)]


def of_payments() -> Definitions:
    waiting = _(
        "Whatever is waited for today: bills of renewals and changes under way, with tax. Each becomes an invoice "
        "once it is paid."
    )
    return [
        (_("Failed"), _("Asked for in this time, and a charge of the saved card was refused at least once.")),
        (_("Recovered"), _("Those of them that are paid by now, however.")),
        (_("Open bills"), waiting),
    ]


def of_trials() -> Definitions:
    conversion = _(
        "Of the trials that ended in this time, those whose member paid, at the latest %(days)s days after. "
        "Overdue ones are decided when they pay or expire. In all currencies: it counts people, not money."
    )
    return [(_("Conversion"), conversion % {"days": network.expire_after_days})]


def of_sites() -> Definitions:
    return [(_("Sites"), _("All but those in the recycle bin, by the plan that their membership has."))]


def of_near_limits() -> Definitions:
    near = _(
        "Ready sites that use at least 80 % of what they may, by the last count, the fullest first. What is "
        "unlimited or not allowed at all is left out."
    )
    return [(_("Near"), near)]


def of_top_usage() -> Definitions:
    return [(_("Top usage"), _("The five sites with most visits this month and with most disk space."))]
