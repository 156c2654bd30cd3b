"""A site as a file, and back: everything of it, nothing of another, and nothing at all when the file is not sound."""

import json
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django_tenants.utils import schema_exists, tenant_context

from accounts.models import User
from products.limits import Kind
from sites.content.models import BlogIndexPage, Parked, PostPage, SiteDocument, SiteLimit
from sites.content.storage import media_folder
from sites.models import OverLimit, RetiredSchema, Site, SiteTemplate
from sites.operations import retire
from sites.operations.archives import restore, write
from sites.operations.archives.manifest import ArchiveRefused, is_inside, sign
from sites.operations.archives.restore import restore_site
from sites.operations.archives.write import NotExportable, export_site
from sites.operations.clone import clone_site
from sites.operations.site_lock import CLASS, SiteBusy
from sites.postgresql import copy
from tests.factories.at_once import locked_elsewhere
from tests.plugins.rings import ANote, known_template
from tests.plugins.sites import NOW, set_limits

Change = Callable[[dict[str, bytes]], object]


def silent(_percent: int, _what: str) -> None:
    pass


def export(site: Site, path: Path) -> Path:
    export_site(site=site, path=path, now=NOW, tell=silent)
    return path


def restored(site: Site, path: Path, **how: Any) -> Site:
    restore_site(site=site, path=path, now=NOW, tell=silent, **how)
    site.refresh_from_db()
    return site


def write_post(site: Site, title: str) -> None:
    with tenant_context(site):
        BlogIndexPage.objects.get().add_child(instance=PostPage(title=title, date=NOW.date()))


def posts(site: Site) -> list[str]:
    with tenant_context(site):
        return list(PostPage.objects.order_by("title").values_list("title", flat=True))


def upload(site: Site, name: str, content: bytes) -> SiteDocument:
    with tenant_context(site):
        document = SiteDocument(title=name)
        document.file.save(name, ContentFile(content))
        return document


def everything(schema: str) -> dict[str, list[tuple[object, ...]]]:
    rows = {}
    with connection.cursor() as cursor:
        for table in copy.tables_in(schema):
            if table.name not in write.LEFT_OUT:
                cursor.execute(f'SELECT t::text FROM "{schema}"."{table.name}" t ORDER BY 1')
                rows[table.name] = cursor.fetchall()
    return rows


def rewritten(path: Path, change: Change) -> Path:
    """The archive with other members, as somebody would make it who has only the file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def listed_anew(change: Callable[[dict[str, Any]], None]) -> Change:
    """Change the list and sign it, as somebody would who has the network's key, or code with a mistake."""

    def apply(members: dict[str, bytes]) -> None:
        facts = json.loads(members["manifest.json"])
        change(facts)
        members["manifest.json"] = json.dumps(facts).encode()
        members["manifest.sig"] = sign(members["manifest.json"]).encode()

    return apply


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'site\_%'")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture(autouse=True)
def _no_files_of_others(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ARCHIVE_ROOT = tmp_path / "archives"


def test_a_restored_site_holds_every_row_and_file_of_the_export(site_a: Site, tmp_path: Path) -> None:
    write_post(site_a, "Tabs\tand\\backslashes\nand lines")
    document = upload(site_a, "plan.txt", b"\0\1\2 a plan" * 50_000)
    before, old = everything(site_a.schema_name), site_a.schema_name
    path = export(site_a, tmp_path / "a.zip")
    write_post(site_a, "Written since")

    restored(site_a, path)
    assert site_a.schema_name != old
    after = everything(site_a.schema_name)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"content_sitelimit"}  # the version of the limits is the network's
    assert before.keys() == after.keys()
    with tenant_context(site_a):
        with SiteDocument.objects.get(pk=document.pk).file.open() as file:
            assert file.read() == b"\0\1\2 a plan" * 50_000
        assert SiteDocument(title="numbers go on").pk is None
        assert MigrationRecorder(connection).applied_migrations()
    write_post(site_a, "Written after")  # sequences go on
    assert posts(site_a) == ["Tabs\tand\\backslashes\nand lines", "Written after"]


def test_what_the_site_showed_before_is_kept_a_week_and_then_erased_with_its_files(
    site_a: Site, tmp_path: Path
) -> None:
    upload(site_a, "old.txt", b"12345")
    old = site_a.schema_name
    restored(site_a, export(site_a, tmp_path / "a.zip"))
    kept = RetiredSchema.objects.get()
    assert (kept.schema_name, kept.reason, kept.site_uid) == (old, "replaced", site_a.uid)
    assert retire.erase_due(now=NOW + timedelta(days=7) - timedelta(seconds=1)) == 0
    assert schema_exists(old)
    assert retire.erase_due(now=NOW + timedelta(days=7)) == 1
    kept.refresh_from_db()
    assert (kept.erased_at, kept.files, kept.bytes) == (NOW + timedelta(days=7), 1, 5)
    assert not schema_exists(old)
    assert schema_exists(site_a.schema_name)
    with tenant_context(site_a):
        assert [path.name for path in media_folder().rglob("*.txt")] == ["old.txt"]


def test_limits_owner_and_address_are_those_of_now(site_a: Site, tmp_path: Path, monkeypatch) -> None:
    with tenant_context(site_a):
        SiteLimit.objects.filter(kind=Kind.POSTS).update(allowed=1000)
        User.objects.update(is_superuser=False)
    path = export(site_a, tmp_path / "a.zip")
    restored(site_a, path)
    with tenant_context(site_a):
        assert SiteLimit.objects.get(kind=Kind.POSTS).allowed == 3
        assert User.objects.get(email="alpha-owner@example.com").is_superuser


def test_what_the_archive_parked_comes_back_as_far_as_there_is_room_now(site_a: Site, tmp_path: Path) -> None:
    for title in ("One", "Two", "Three"):
        write_post(site_a, title)
    set_limits(site_a, {Kind.POSTS: 1})
    path = export(site_a, tmp_path / "a.zip")
    set_limits(site_a, {Kind.POSTS: 2})
    restored(site_a, path)
    with tenant_context(site_a):
        assert (PostPage.objects.live().count(), Parked.objects.count()) == (2, 1)
    assert OverLimit.objects.get(site=site_a, ended_at=None).excess == 1
    set_limits(site_a, {Kind.POSTS: 3})
    with tenant_context(site_a):
        assert (PostPage.objects.live().count(), Parked.objects.count()) == (3, 0)


def test_an_archive_with_more_than_the_plan_of_now_allows_is_parked_before_anybody_sees_it(
    site_a: Site, tmp_path: Path
) -> None:
    for title in ("One", "Two", "Three"):
        write_post(site_a, title)
    path = export(site_a, tmp_path / "a.zip")
    with tenant_context(site_a):
        PostPage.objects.get(title="One").delete()
    set_limits(site_a, {Kind.POSTS: 2})
    restored(site_a, path)
    with tenant_context(site_a):
        assert (PostPage.objects.live().count(), Parked.objects.count()) == (2, 1)
    assert OverLimit.objects.get(site=site_a, ended_at=None).excess == 1


def test_visitors_get_the_restored_site_at_once(
    site_a: Site, tmp_path: Path, on_site, django_capture_on_commit_callbacks
) -> None:
    path = export(site_a, tmp_path / "a.zip")
    write_post(site_a, "Written since")
    cache.clear()
    assert "Written since" in on_site(site_a).get("/blog/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        restored(site_a, path)
    assert "Written since" not in on_site(site_a).get("/blog/").content.decode()


def test_nobody_stays_signed_in_and_no_session_is_in_the_file(site_a: Site, tmp_path: Path, owner_of) -> None:
    owner_of(site_a)
    path = export(site_a, tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "django_session" in name]


def test_an_export_of_one_site_holds_nothing_of_another(site_a: Site, site_b: Site, tmp_path: Path) -> None:
    write_post(site_b, "Secret of Bravo")
    upload(site_b, "secret-of-bravo.txt", b"secret of bravo")
    path = export(site_a, tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        assert b"bravo" not in content.lower()
        assert not [name for name in archive.namelist() if "bravo" in name]


def test_an_archive_of_another_site_is_refused(site_a: Site, site_b: Site, tmp_path: Path) -> None:
    path = export(site_a, tmp_path / "a.zip")
    with pytest.raises(ArchiveRefused, match=r"of another site: Alpha Garden, alpha\.sites\.localhost"):
        restored(site_b, path)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"A plan", b"B plan"))


def not_an_archive(path: Path) -> None:
    path.write_bytes(b"GIF89a")


def changed(change: Change) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        rewritten(path, change)

    return spoil


def escape(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda facts: facts["files"].append({"name": name, "size": 1, "sha256": "0" * 64})


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (cut_off, "its end is missing"),
        (flipped, r"plan\.txt cannot be read: Bad CRC-32"),
        (not_an_archive, "is no archive"),
        (changed(lambda m: m.pop("manifest.json")), "holds no manifest.json"),
        (changed(lambda m: m.update({"tables/content_homepage.copy": b"1\n"})), "longer|checksum is wrong"),
        (
            changed(lambda m: m.update({"media/documents/plan.txt": b"A plam"})),
            "plan.txt is not what was exported",
        ),
        (changed(lambda m: m.update({"media/documents/plan.txt": b"x" * 999})), "longer than the list says"),
        (
            changed(lambda m: m.update({"../../evil": b""})),
            "'../../evil' is in the archive and not on its list",
        ),
        (
            changed(lambda m: m.pop("media/documents/plan.txt")),
            "plan.txt is on the archive's list and not in",
        ),
        (changed(lambda m: m.update({"manifest.json": m["manifest.json"] + b" "})), "the signature is wrong"),
        (changed(lambda m: m.update({"manifest.sig": b"x"})), "the signature is wrong"),
        (changed(listed_anew(lambda f: f.update(format=2))), "has format 2; this network reads 1"),
        (
            changed(listed_anew(lambda f: f.update(migrations="f" * 64))),
            "migrations that this network has never had",
        ),
        (
            changed(listed_anew(escape("../../../etc/cron.d/evil"))),
            "cannot be a part of a site: '../../../etc",
        ),
        (changed(listed_anew(escape("/etc/passwd"))), "cannot be a part of a site: '/etc/passwd'"),
        (
            changed(listed_anew(lambda f: f["tables"][0].update(name='a"; DROP'))),
            "cannot be a part of a site: 'a",
        ),
        (changed(listed_anew(lambda f: f["tables"][0].update(rows=99))), "rows, the list says 99"),
        (changed(listed_anew(lambda f: f["tables"][0].update(columns=["id"]))), "does not have the columns"),
        (changed(listed_anew(lambda f: f.pop("tables"))), "is not a list of this kind"),
    ],
)
def test_an_archive_that_is_not_sound_is_refused_with_the_reason_and_leaves_nothing_behind(
    site_a: Site, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    upload(site_a, "plan.txt", b"A plan")
    path = export(site_a, tmp_path / "a.zip")
    spoil(path)
    before, shown = schemas(), site_a.schema_name
    with pytest.raises(ArchiveRefused, match=why):
        restored(site_a, path)
    site_a.refresh_from_db()
    assert (site_a.schema_name, site_a.state) == (shown, Site.State.READY)
    assert schemas() == before
    assert RetiredSchema.objects.count() == 0
    assert [folder.name for folder in (tmp_path / "media").iterdir()] == [site_a.uid.hex]
    assert not (tmp_path.parent / "evil").exists()


def test_rows_that_do_not_fit_together_are_refused(site_a: Site, tmp_path: Path) -> None:
    path = export(site_a, tmp_path / "a.zip")

    def lose_the_pages(members: dict[str, bytes]) -> None:
        facts = json.loads(members["manifest.json"])
        (pages,) = [each for each in facts["tables"] if each["name"] == "wagtailcore_page"]
        pages.update(
            rows=0, size=0, sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        members["tables/wagtailcore_page.copy"] = b""
        members["manifest.json"] = json.dumps(facts).encode()
        members["manifest.sig"] = sign(members["manifest.json"]).encode()

    with pytest.raises(ArchiveRefused, match=r"The rows do not fit together: .*foreign key"):
        restored(site_a, rewritten(path, lose_the_pages))


def test_memory_does_not_grow_with_the_files(site_a: Site, tmp_path: Path) -> None:
    set_limits(site_a, {Kind.DISK: None})
    upload(site_a, "large.bin", bytes(24_000_000))
    tracemalloc.start()
    try:
        path = export(site_a, tmp_path / "a.zip")
        restored(site_a, path)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 24_000_000
    assert most < 8_000_000  # bytes: pieces of 256 KiB, the list, and the template's SQL twice


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("images/a.png", True),
        ("documents/Jahresbericht für 2026.pdf", True),
        ("", False),
        ("/a", False),
        ("../a", False),
        ("a/../b", False),
        ("./a", False),
        ("a//b", False),
        ("a/", False),
        ("a\\b", False),
        ("C:a", False),
        ("a\0b", False),
        ("a\nb", False),
        ("a" * 501, False),
    ],
)
def test_a_file_is_named_within_its_folder(name: str, inside: bool) -> None:
    assert is_inside(name) is inside


def test_an_archive_from_before_the_last_migrations_is_brought_along(
    site_a: Site, tmp_path: Path, new_migration: Callable[[type[ANote]], None]
) -> None:
    write_post(site_a, "From before")
    path = export(site_a, tmp_path / "a.zip")
    new_migration(ANote)
    known_template()
    restored(site_a, path)
    assert posts(site_a) == ["From before"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT note FROM {site_a.schema_name}.content_siteidentity")
        assert cursor.fetchall() == [("",)]


def test_a_site_that_is_behind_is_not_exported(
    site_a: Site, tmp_path: Path, new_migration: Callable[[type[ANote]], None]
) -> None:
    new_migration(ANote)
    with pytest.raises(NotExportable, match="run migrate_sites first"):
        export(site_a, tmp_path / "a.zip")
    assert list(tmp_path.glob("a.zip*")) == []


def test_an_export_that_fails_leaves_no_file(site_a: Site, tmp_path: Path, monkeypatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(write, "_write_table", full)
    with pytest.raises(OSError, match="No space left"):
        export(site_a, tmp_path / "a.zip")
    assert list(tmp_path.glob("a.zip*")) == []


def test_a_disk_that_is_full_in_the_middle_of_a_restore_leaves_nothing_behind(
    site_a: Site, tmp_path: Path, monkeypatch
) -> None:
    upload(site_a, "plan.txt", b"A plan")
    path, before, shown = export(site_a, tmp_path / "a.zip"), schemas(), site_a.schema_name

    def full(target: Path, *_: Any, **__: Any) -> None:
        target.parent.mkdir(parents=True)
        target.write_bytes(b"A p")
        raise OSError("No space left on device")

    monkeypatch.setattr(restore, "_put_file", full)
    with pytest.raises(OSError, match="No space left"):
        restored(site_a, path)
    site_a.refresh_from_db()
    assert (site_a.schema_name, schemas()) == (shown, before)
    assert [folder.name for folder in (tmp_path / "media").iterdir()] == [site_a.uid.hex]


def test_what_a_killed_restore_left_is_swept_away_after_a_day(
    site_a: Site, tmp_path: Path, monkeypatch
) -> None:
    path, before = export(site_a, tmp_path / "a.zip"), schemas()
    monkeypatch.setattr(restore, "discard", lambda _row: None)  # as if nobody lived to do it

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "_put_in_place", killed)
    with pytest.raises(KeyboardInterrupt):
        restored(site_a, path)
    assert len(schemas() - before) == 1
    assert retire.erase_due(now=NOW + timedelta(hours=23)) == 0
    assert retire.erase_due(now=NOW + timedelta(days=1)) == 1
    assert (schemas(), RetiredSchema.objects.count()) == (before, 0)


def test_a_schema_that_a_site_shows_is_never_erased(site_a: Site) -> None:
    RetiredSchema.objects.create(
        schema_name=site_a.schema_name,
        reason="replaced",
        site_uid=site_a.uid,
        site_name="A",
        host="a",
        retired_at=NOW,
        erase_after=NOW,
    )
    with pytest.raises(RuntimeError, match="is shown by a site"):
        retire.erase_due(now=NOW)
    assert schema_exists(site_a.schema_name)


def test_a_busy_site_is_neither_exported_nor_restored(site_a: Site, tmp_path: Path) -> None:
    path = export(site_a, tmp_path / "a.zip")
    with locked_elsewhere(CLASS, site_a.pk):
        with pytest.raises(SiteBusy):
            export(site_a, tmp_path / "again.zip")
        with pytest.raises(SiteBusy):
            restored(site_a, path)


def test_a_clone_has_the_content_and_a_name_address_and_life_of_its_own(site_a: Site, settings: Any) -> None:
    write_post(site_a, "In both")
    upload(site_a, "plan.txt", b"A plan")
    percents: list[int] = []
    clone = clone_site(
        source=site_a,
        membership=site_a.membership,
        name="Rehearsal",
        slug="rehearsal",
        now=NOW,
        tell=lambda percent, _what: percents.append(percent),
    )
    assert (clone.state, clone.host, percents == sorted(percents), percents[-1]) == (
        Site.State.READY,
        "rehearsal.sites.localhost",
        True,
        100,
    )
    assert posts(clone) == ["In both"]
    write_post(clone, "Only in the clone")
    assert posts(site_a) == ["In both"]
    with tenant_context(clone):
        assert (media_folder() / "documents" / "plan.txt").read_bytes() == b"A plan"
    assert list(settings.ARCHIVE_ROOT.iterdir()) == []
    cache.clear()
    page = Client(headers={"host": clone.host}).get("/").content.decode()
    assert "Rehearsal" in page


def test_a_clone_that_fails_leaves_no_site(site_a: Site, settings: Any, monkeypatch) -> None:
    def refused(**_: Any) -> None:
        raise ArchiveRefused("no")

    monkeypatch.setattr("sites.operations.clone.restore_site", refused)
    with pytest.raises(ArchiveRefused):
        clone_site(
            source=site_a, membership=site_a.membership, name="R", slug="rehearsal", now=NOW, tell=silent
        )
    assert list(Site.objects.values_list("slug", flat=True)) == ["alpha"]
    assert RetiredSchema.objects.get().reason == "erased"
    connection.check_constraints()  # a schema is not dropped in the transaction that filled it
    assert retire.erase_due(now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_a_restore_is_real_when_everything_is_committed(
    make_site: Any, site_template: SiteTemplate, tmp_path: Path
) -> None:
    site = make_site("real")
    path = export(site, tmp_path / "a.zip")
    write_post(site, "Written since")
    old = site.schema_name
    restored(site, path)
    try:
        assert (posts(site), schema_exists(old)) == ([], True)
        retire.erase_due(now=NOW + timedelta(days=8))
        assert not schema_exists(old)
    finally:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{site.schema_name}" CASCADE')
