from sites.content.models.identity import SiteIdentity
from sites.content.models.limit import SiteLimit
from sites.content.models.media import SiteDocument, SiteImage, SiteRendition
from sites.content.models.pages import BlogIndexPage, HomePage, PostPage, PostTag, StandardPage

__all__ = [
    "BlogIndexPage",
    "HomePage",
    "PostPage",
    "PostTag",
    "SiteDocument",
    "SiteIdentity",
    "SiteImage",
    "SiteLimit",
    "SiteRendition",
    "StandardPage",
]
