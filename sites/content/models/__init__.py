from sites.content.models.identity import SiteIdentity
from sites.content.models.limit import SiteLimit
from sites.content.models.media import SiteDocument, SiteImage, SiteRendition
from sites.content.models.pages import BlogIndexPage, HomePage, PostPage, PostTag, StandardPage
from sites.content.models.parked import Parked

__all__ = [
    "BlogIndexPage",
    "HomePage",
    "Parked",
    "PostPage",
    "PostTag",
    "SiteDocument",
    "SiteIdentity",
    "SiteImage",
    "SiteLimit",
    "SiteRendition",
    "StandardPage",
]
