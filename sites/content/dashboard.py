"""The dashboard's addresses: Wagtail's admin under a policy it can live with."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from wagtail.admin import urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

POLICY = {
    "script-src": [SELF, UNSAFE_INLINE],  # Wagtail writes small scripts into its pages
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-ancestors": [SELF],  # a page's preview stands in a frame beside its editor
}

urlpatterns = decorate_urlpatterns(list(urls.urlpatterns), csp_replace(POLICY))
