"""A site's uploaded files, out of the folder of the site whose host was asked."""

import errno
import posixpath

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from sites.content.storage import media_folder

PUBLIC_FOLDERS = (
    "images/",
    "original_images/",
)  # documents have Wagtail's own view, which asks for permission


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file `name`. It can be shown and not run: whatever was uploaded, it gets no script and no frame."""
    if posixpath.normpath(name) != name or not name.startswith(PUBLIC_FOLDERS):
        raise Http404
    try:
        response = serve(request, name, document_root=str(media_folder()))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise Http404 from error
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = (
        "public, max-age=31536000, immutable"  # Wagtail gives a changed file another name
    )
    return response
