"""Addresses on the network's host."""

from django.urls import path

from sites.views import content, domains, enter, invitation, making, people, tls

app_name = "sites"
urlpatterns = [
    path("sites/<uuid:uid>/", making.page, name="site"),
    path("sites/<uuid:uid>/content/", content.page, name="content"),
    path("sites/<uuid:uid>/content/back/", content.back, name="content_back"),
    path("sites/<uuid:uid>/enter/", enter.enter, name="enter"),
    path("sites/<uuid:uid>/people/", people.page, name="people"),
    path("sites/<uuid:uid>/people/<uuid:member_uid>/", people.change, name="person"),
    path("invitations/<str:token>/", invitation.page, name="invitation"),
    path("sites/<uuid:uid>/domains/", domains.page, name="domains"),
    path("sites/<uuid:uid>/domains/primary/", domains.primary, name="primary_domain"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/", domains.status, name="domain_status"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/check/", domains.check, name="check_domain"),
    path("sites/<uuid:uid>/domains/<uuid:claim_uid>/remove/", domains.remove, name="remove_domain"),
    path("internal/tls/ask", tls.ask, name="tls_ask"),
]
