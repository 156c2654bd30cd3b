"""A second site with another's content, to rehearse on."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from memberships.models import Membership
from sites.models import Site
from sites.operations.archives.restore import restore_site
from sites.operations.archives.write import Tell, export_site
from sites.operations.create import create_site
from sites.operations.provision import provision_site
from sites.operations.recycle import erase_site, recycle_site


def clone_site(
    *, source: Site, membership: Membership, name: str, slug: str, now: datetime, tell: Tell
) -> Site:
    """A new site of `membership` at the address `slug` with the content of `source`: an export of one, restored into
    the other.

    Raises what create_site, export_site and restore_site raise; no new site is left then.
    """
    settings.ARCHIVE_ROOT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.ARCHIVE_ROOT) as folder:
        path = Path(folder) / "clone.zip"
        export_site(site=source, path=path, now=now, tell=lambda percent, what: tell(percent // 2, what))
        site = create_site(membership=membership, name=name, slug=slug, now=now)
        try:
            site = provision_site(site_id=site.pk, now=now)
            restore_site(
                site=site,
                path=path,
                now=now,
                tell=lambda percent, what: tell(50 + percent // 2, what),
                from_another=True,
            )
        except BaseException:
            recycle_site(site_id=site.pk, now=now)
            erase_site(site_id=site.pk, now=now, at_once=True)
            raise
    site.refresh_from_db()
    return site
