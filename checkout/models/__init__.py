from checkout.models.invoiced_day import InvoicedDay, InvoicedUntil
from checkout.models.order import Order
from checkout.models.quote import Quote
from checkout.models.quote_choice import QuoteChoice
from checkout.models.sign_up import SignUp

__all__ = ["InvoicedDay", "InvoicedUntil", "Order", "Quote", "QuoteChoice", "SignUp"]
