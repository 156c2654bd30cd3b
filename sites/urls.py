"""Addresses on the network's host."""

from django.urls import path

from sites.views import address, care, content, domains, enter, invitation, making, people, tls, upgrade

app_name = "sites"
urlpatterns = [
    path("sites/address/", address.check, name="address"),
    path("sites/<uuid:uid>/", making.page, name="site"),
    path("sites/<uuid:uid>/content/", content.page, name="content"),
    path("sites/<uuid:uid>/content/back/", content.back, name="content_back"),
    path("sites/<uuid:uid>/copies/", care.copies, name="copies"),
    path("sites/<uuid:uid>/copies/<uuid:job_uid>/", care.copy, name="copy"),
    path("sites/<uuid:uid>/delete/", care.delete, name="delete"),
    path("sites/<uuid:uid>/put-back/", care.put_back, name="put_back"),
    path("sites/<uuid:uid>/enter/", enter.enter, name="enter"),
    path("sites/<uuid:uid>/people/", people.page, name="people"),
    path("sites/<uuid:uid>/people/<uuid:member_uid>/", people.change, name="person"),
    path("invitations/<str:token>/", invitation.page, name="invitation"),
    path("sites/<uuid:uid>/domains/", domains.page, name="domains"),
    path("sites/<uuid:uid>/domains/primary/", domains.primary, name="primary_domain"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/", domains.status, name="domain_status"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/check/", domains.check, name="check_domain"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/remove/", domains.remove, name="remove_domain"),
    path("sites/<uuid:uid>/upgrade/", upgrade.page, name="upgrade"),
    path("internal/tls/ask", tls.ask, name="tls_ask"),
]
