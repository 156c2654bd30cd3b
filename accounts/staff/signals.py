"""News of the staff, sent after the transaction has committed."""

from django.dispatch import Signal

may_do_less = Signal()
"""Somebody was taken off the staff, or has another role. Whoever hears it looks what everybody may do."""
