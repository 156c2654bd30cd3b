from django.urls import path

from checkout.views import (
    account,
    add_site,
    billing_details,
    cancel,
    card,
    change,
    pay_link,
    payment_request,
    pending,
    result,
    review,
    shop_window,
    staying,
    undo,
)
from checkout.views.sign_up import account as sign_up_account
from checkout.views.sign_up import plan as sign_up_plan
from checkout.views.sign_up import review as sign_up_review
from checkout.views.sign_up import site as sign_up_site
from checkout.views.sign_up import welcome

app_name = "checkout"
urlpatterns = [
    path("pricing/", shop_window.pricing_page, name="pricing"),
    path("sign-up/", sign_up_plan.page, name="sign_up"),
    path("sign-up/summary/", sign_up_plan.summary, name="sign_up_summary"),
    path("sign-up/account/", sign_up_account.page, name="sign_up_account"),
    path("sign-up/site/", sign_up_site.page, name="sign_up_site"),
    path("sign-up/review/", sign_up_review.page, name="sign_up_review"),
    path("sign-up/card/<uuid:setup_uid>/", sign_up_review.card_saved, name="sign_up_card"),
    path("sign-up/orders/<uuid:uid>/", welcome.page, name="welcome"),
    path("account/", account.index, name="accounts"),
    path("account/<uuid:uid>/", account.page, name="account"),
    path("account/<uuid:uid>/add-site/", add_site.page, name="add_site"),
    path("account/<uuid:uid>/billing-details/", billing_details.page, name="billing_details"),
    path("account/<uuid:uid>/change/", change.page, name="change"),
    path("account/<uuid:uid>/change/summary/", change.summary, name="change_summary"),
    path("account/<uuid:uid>/keep-plan/", pending.keep, name="keep_plan"),
    path("account/<uuid:uid>/what-stays/", staying.planned, name="planned"),
    path("account/<uuid:uid>/parked/", staying.parked, name="parked"),
    path("account/<uuid:uid>/cancel/", cancel.page, name="cancel"),
    path("account/<uuid:uid>/card/", card.change, name="card"),
    path("account/<uuid:uid>/card/<uuid:setup_uid>/", card.saved, name="card_saved"),
    path("pay/<str:token>/", pay_link.page, name="pay_link"),
    path("quotes/<uuid:uid>/", review.page, name="review"),
    path("quotes/<uuid:uid>/confirm/", review.confirm_quote, name="confirm"),
    path("quotes/<uuid:uid>/what-stays/", review.choose_what_stays, name="choose_what_stays"),
    path("orders/<uuid:uid>/", result.page, name="order"),
    path("orders/<uuid:uid>/status/", result.status, name="order_status"),
    path("orders/<uuid:uid>/pay/", result.pay_again, name="pay"),
    path("orders/<uuid:uid>/payment-request.pdf", payment_request.file, name="payment_request"),
    path("orders/<uuid:uid>/stop/", result.stop, name="stop"),
    path("orders/<uuid:uid>/undo/", undo.page, name="undo"),
]
