from memberships.models.attempt import Attempt
from memberships.models.card_setup import CardSetup
from memberships.models.customer import Customer
from memberships.models.discount_use import DiscountUse
from memberships.models.extension import PeriodExtension
from memberships.models.inbound_event import InboundEvent
from memberships.models.invoice import Invoice, InvoiceCounter, InvoiceLine
from memberships.models.item import MembershipItem
from memberships.models.membership import Membership, Transition, TransitionNotAllowed
from memberships.models.note import Note
from memberships.models.notice import Notice
from memberships.models.override import LimitOverride
from memberships.models.payment import Payment
from memberships.models.payment_method import PaymentMethod
from memberships.models.price_campaign import CampaignMember, PriceCampaign
from memberships.models.receipt import Receipt
from memberships.models.recurring_amount import RecurringAmount
from memberships.models.refund import Refund
from memberships.models.scheduled_change import ScheduledChange, ScheduledItem
from memberships.models.transfer import MembershipTransfer
from memberships.models.wallet import WalletEntry

__all__ = [
    "Attempt",
    "CampaignMember",
    "CardSetup",
    "Customer",
    "DiscountUse",
    "InboundEvent",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "LimitOverride",
    "Membership",
    "MembershipItem",
    "MembershipTransfer",
    "Note",
    "Notice",
    "Payment",
    "PaymentMethod",
    "PeriodExtension",
    "PriceCampaign",
    "Receipt",
    "RecurringAmount",
    "Refund",
    "ScheduledChange",
    "ScheduledItem",
    "Transition",
    "TransitionNotAllowed",
    "WalletEntry",
]
