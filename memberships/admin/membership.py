"""A membership as the network sees it: everything is shown, nothing is typed. State moves through operations only."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy as _
from django.utils.translation import pgettext_lazy

from memberships.admin import colours
from memberships.models import (
    Invoice,
    Membership,
    MembershipItem,
    Payment,
    ScheduledChange,
    Transition,
    WalletEntry,
)
from products.admin.base import NOTHING, Admin, Inline, ReadOnly, display, money
from products.money_display import format_money, per_interval
