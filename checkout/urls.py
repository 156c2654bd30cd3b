from django.urls import path

from checkout.views import (
    account,
    billing_details,
    cancel,
    card,
    change,
    pay_link,
    payment_request,
    pending,
    result,
    review,
    undo,
)

app_name = "checkout"
urlpatterns = [
    path("account/", account.index, name="accounts"),
    path("account/<uuid:uid>/", account.page, name="account"),
    path("account/<uuid:uid>/billing-details/", billing_details.page, name="billing_details"),
    path("account/<uuid:uid>/change/", change.page, name="change"),
    path("account/<uuid:uid>/change/summary/", change.summary, name="change_summary"),
    path("account/<uuid:uid>/keep-plan/", pending.keep, name="keep_plan"),
    path("account/<uuid:uid>/cancel/", cancel.page, name="cancel"),
    path("account/<uuid:uid>/card/", card.change, name="card"),
    path("account/<uuid:uid>/card/<uuid:setup_uid>/", card.saved, name="card_saved"),
    path("pay/<str:token>/", pay_link.page, name="pay_link"),
    path("quotes/<uuid:uid>/", review.page, name="review"),
    path("quotes/<uuid:uid>/confirm/", review.confirm_quote, name="confirm"),
    path("orders/<uuid:uid>/", result.page, name="order"),
    path("orders/<uuid:uid>/status/", result.status, name="order_status"),
    path("orders/<uuid:uid>/pay/", result.pay_again, name="pay"),
    path("orders/<uuid:uid>/payment-request.pdf", payment_request.file, name="payment_request"),
    path("orders/<uuid:uid>/stop/", result.stop, name="stop"),
    path("orders/<uuid:uid>/undo/", undo.page, name="undo"),
]
