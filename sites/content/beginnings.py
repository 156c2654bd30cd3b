"""What a new site begins with. Every function works in the current schema and can run twice."""

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Page, Site
from wagtail.search import index as search_index

from sites.content.models import BlogIndexPage, HomePage, SiteIdentity


def make(*, name: str, language: str = settings.LANGUAGE_CODE) -> HomePage:
    """A home page in place of Wagtail's own welcome page, an empty blog under it, and the site's identity. What
    is there already gets the name and, where the network speaks it, the language."""
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    if not SiteIdentity.objects.filter(pk=1).update(name=name, language=known):
        SiteIdentity.objects.create(pk=1, name=name, language=known)
    home: HomePage | None = HomePage.objects.first()
    if home is None:
        return _make_pages(name)
    if home.title != name:
        _rename(home, name)
    return home


def _make_pages(name: str) -> HomePage:
    root = Page.get_first_root_node()
    Site.objects.all().delete()
    root.get_children().delete()
    root = Page.objects.get(pk=root.pk)  # the deletion changed its children
    home: HomePage = root.add_child(instance=HomePage(title=name, slug="home"))
    Site.objects.create(hostname="localhost", port=80, root_page=home, is_default_site=True, site_name=name)
    home.add_child(instance=BlogIndexPage(title="Blog", slug="blog", show_in_menus=True))
    return home


def _rename(home: HomePage, name: str) -> None:
    """Another title for a page that nobody has worked on: `save` would ask the database twenty things about it."""
    home.title = home.draft_title = name
    Page.objects.filter(pk=home.pk).update(title=name, draft_title=name)
    search_index.insert_or_update_object(home)


def set_host(*, host: str, name: str) -> None:
    """The host name in absolute links."""
    site = Site.objects.get(is_default_site=True)
    if (site.hostname, site.site_name) != (host, name):
        site.hostname, site.site_name = host, name
        site.save()


def render_home(request: HttpRequest) -> str:
    """The home page as a visitor gets it."""
    home = Site.objects.select_related("root_page").get(is_default_site=True).root_page.specific
    response = home.serve(request)
    return str(response.render().content.decode())
