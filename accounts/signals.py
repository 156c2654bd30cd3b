"""News of accounts, sent in the transaction that makes it: who hears it does their part in it."""

from django.dispatch import Signal

account_closed_or_opened = Signal()  # user: User -- `is_active` says which
