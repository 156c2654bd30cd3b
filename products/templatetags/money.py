from django import template

from products.money_display import format_money

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ quote.due_now|money:quote.currency }}`: minor units as text; nothing for None."""
    return "" if minor is None else format_money(minor, currency)
