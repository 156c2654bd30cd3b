"""A customer's site: its dashboard, the way in, its files, and its pages. The network has
`config.urls_network`."""

from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as document_urls

from sites.content import dashboard
from sites.content.views.machines import own_styles, robots
from sites.content.views.media import media
from sites.content.views.search import search
from sites.views.arrive import arrive
from sites.views.staff_visit import end as end_visit

urlpatterns = [
    path("enter/", arrive, name="site_enter"),
    path("dashboard/end-visit/", end_visit, name="site_end_visit"),
    path("dashboard/login/", RedirectView.as_view(pattern_name="site_enter", query_string=True)),
    path(
        "_util/login/", RedirectView.as_view(pattern_name="site_enter", query_string=True)
    ),  # Wagtail's, for visitors
    path("dashboard/", include(dashboard.urlpatterns)),
    path("documents/", include(document_urls)),
    path("media/<path:name>", media, name="site_media"),
    path("robots.txt", robots, name="site_robots"),
    path("sitemap.xml", sitemap, name="site_map"),
    path("search/", search, name="site_search"),
    path("styles/<slug:version>.css", own_styles, name="site_styles"),
    path("", include(wagtail_urls)),
]

handler404 = "sites.content.views.errors.not_found"
handler403 = "sites.content.views.errors.forbidden"
handler500 = "sites.content.views.errors.broken"
