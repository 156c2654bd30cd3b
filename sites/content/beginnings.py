"""What a new site begins with. Every function works in the current schema and can run twice."""

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Page, Site

from sites.content.models import BlogIndexPage, HomePage, SiteIdentity


def make(*, name: str, language: str = settings.LANGUAGE_CODE) -> HomePage:
    """A home page in place of Wagtail's own welcome page, an empty blog under it, and the site's identity. What
    is there already gets the name and, where the network speaks it, the language."""
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    SiteIdentity.objects.update_or_create(pk=1, defaults={"name": name, "language": known})
    home: HomePage | None = HomePage.objects.first()
    if home is None:
        root = Page.get_first_root_node()
        Site.objects.all().delete()
        root.get_children().delete()
        root = Page.objects.get(pk=root.pk)  # the deletion changed its children
        home = root.add_child(instance=HomePage(title=name, slug="home"))
        Site.objects.create(
            hostname="localhost", port=80, root_page=home, is_default_site=True, site_name=name
        )
    elif home.title != name:
        home.title = home.draft_title = name
        home.save(update_fields=["title", "draft_title"])
    if not BlogIndexPage.objects.child_of(home).exists():
        home.add_child(instance=BlogIndexPage(title="Blog", slug="blog", show_in_menus=True))
    return home


def set_host(*, host: str, port: int, name: str) -> None:
    """The host name and port in absolute links."""
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.port, site.site_name) != (host, port, name):
        site.hostname, site.port, site.site_name = host, port, name
        site.save()


def render_home(request: HttpRequest) -> str:
    """The home page as a visitor gets it."""
    home = Site.objects.select_related("root_page").get(is_default_site=True).root_page.specific
    response = home.serve(request)
    return str(response.render().content.decode())
