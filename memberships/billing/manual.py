"""Bank transfers behind our port: the customer reads our own instructions, and staff enter what has arrived."""

from memberships.billing.gateway import (
    Charge,
    ChargeState,
    HostedPage,
    HostedPageRequest,
    RefundAnswer,
    RefundRequest,
    RefundState,
)
from memberships.models import Attempt, Refund


class BankTransfers:
    """An attempt is paid when the receipts of its payment add up to the amount. What is more is not its concern."""

    def open_hosted_page(self, request: HostedPageRequest) -> HostedPage:
        return HostedPage(ref=request.key, url="")

    def look_up(self, ref: str) -> Charge:
        payment = Attempt.objects.select_related("payment").get(uid=ref).payment
        paid = payment.receipts.total() >= payment.amount
        return Charge(
            ref=ref,
            state=ChargeState.SUCCEEDED if paid else ChargeState.WAITING,
            captured=payment.amount if paid else 0,
            currency=payment.currency,
            refunded=payment.refunds.total(),
        )

    def close(self, ref: str) -> Charge:
        charge = self.look_up(ref)
        if charge.state == ChargeState.SUCCEEDED:
            return charge
        return Charge(ref=ref, state=ChargeState.FAILED, captured=0, currency=charge.currency)

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Staff who refund a transfer send the money themselves."""
        return RefundAnswer(ref=request.key, state=RefundState.SUCCEEDED, amount=request.amount)

    def look_up_refund(self, ref: str) -> RefundAnswer:
        refund = Refund.objects.get(uid=ref)
        return RefundAnswer(ref=ref, state=RefundState.SUCCEEDED, amount=refund.amount)
