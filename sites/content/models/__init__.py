from sites.content.models.blog import BlogIndexPage, PostPage, PostTag
from sites.content.models.contact import ContactField, ContactMessage, ContactPage
from sites.content.models.identity import MenuLink, SiteIdentity, links_of
from sites.content.models.limit import SiteLimit
from sites.content.models.media import SiteDocument, SiteImage, SiteRendition
from sites.content.models.pages import HomePage, StandardPage
from sites.content.models.parked import Parked

__all__ = [
    "BlogIndexPage",
    "ContactField",
    "ContactMessage",
    "ContactPage",
    "HomePage",
    "MenuLink",
    "Parked",
    "PostPage",
    "PostTag",
    "SiteDocument",
    "SiteIdentity",
    "SiteImage",
    "SiteLimit",
    "SiteRendition",
    "StandardPage",
    "links_of",
]
