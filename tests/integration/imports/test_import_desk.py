"""The desk's page of imports: upload, what is wrong with which line, import, and who may."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from checkout.imports import tasks
from checkout.imports.admin.job import ImportJobAdmin
from checkout.imports.models import ImportJob, ImportRow
from checkout.imports.operations import begin_import, run_import, work_on
from memberships.models import Membership
from products.models import Product
from tests.integration.imports.conftest import MARCH_12, brought_in, checked, clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_march")]
LIST, ADD, ROWS = "/admin/imports/importjob/", "/admin/imports/importjob/add/", "/admin/imports/importrow/"
HEAD = "code,type,name,currency,prices\n"


@pytest.fixture(autouse=True)
def queued(monkeypatch) -> list[int]:
    jobs: list[int] = []
    monkeypatch.setattr(tasks.work_on_import, "enqueue", lambda *, job_id: jobs.append(job_id))
    return jobs


def page_of(job: ImportJob) -> str:
    return f"{LIST}{job.pk}/change/"


def upload(desk, text: str, *, kind: str = "products"):
    return desk.post(ADD, {"kind": kind, "file": SimpleUploadedFile("our file.csv", text.encode())})


def test_a_file_is_uploaded_checked_and_imported(desk, staff, queued):
    answer = upload(desk, f"{HEAD}studio,plan,Studio,EUR,30 month\nwish,wish,Wish,EUR,3 month\n")
    job = ImportJob.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(job))
    assert (job.file_name, job.asked_by, job.state, queued) == ("our file.csv", staff, "checking", [job.pk])
    page = desk.get(page_of(job))
    assert page["Refresh"] == "2"
    assert "2 not checked yet" in page.content.decode()

    work_on(job_id=job.pk, clock=clock)
    page = desk.get(page_of(job))
    said = page.content.decode()
    assert "Refresh" not in page
    assert "1 ready to import, 1 refused" in said
    assert page.context["refused_rows"]["rows"] == [
        [3, "type", "wish", "Select a valid choice. wish is not one of the available choices."]
    ]
    assert page.context["other_rows"]["rows"] == [
        [2, "Ready to import", "studio · plan · Studio · EUR · 30 month"]
    ]
    asked = desk.get(f"{LIST}{job.pk}/bring-in/").content.decode()
    assert "Import 1 row" in asked
    assert "1 row is refused and left out." in asked
    assert Product.objects.count() == 0

    for _pressed_twice in range(2):
        desk.post(f"{LIST}{job.pk}/bring-in/")
    assert queued == [job.pk, job.pk]
    work_on(job_id=job.pk, clock=clock)
    assert "1 imported, 1 refused" in desk.get(page_of(job)).content.decode()
    assert Product.objects.get().code == "studio"
    assert desk.get(f"{LIST}{job.pk}/bring-in/").status_code == 403

    lines = desk.get(f"{LIST}{job.pk}/refused/").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("code,type,name,description,active,group,rank")
    assert lines[1].startswith("wish,wish,Wish,,")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The submitted file is empty."),
        ("name,price\nStudio,3", "There is no column price."),
        (f"{HEAD}", "The file has no rows."),
    ],
    ids=["empty", "foreign", "no rows"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_why_and_leaves_nothing(desk, text, sentence):
    answer = upload(desk, text)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert ImportJob.objects.count() == 0


def test_the_button_below_a_new_import_says_what_it_does(desk):
    page = desk.get(ADD).content.decode()
    below = page[page.index('id="submit-row"') :]
    assert "Check the file" in below
    assert "Save" not in below


def test_a_page_that_a_worker_overtakes_looks_again(desk, monkeypatch):
    job = checked("products", f"{HEAD}studio,plan,Studio,EUR,30 month\n")
    run_import(job=job, now=MARCH_12)
    read = ImportJobAdmin.get_object

    def read_before_it_is_done(*args, **kwargs):
        row = read(*args, **kwargs)
        work_on(job_id=job.pk, clock=clock)
        return row

    monkeypatch.setattr(ImportJobAdmin, "get_object", read_before_it_is_done)
    overtaken = desk.get(page_of(job))
    assert "1 ready to import" in overtaken.content.decode()
    assert overtaken["Refresh"] == "2"
    last = desk.get(page_of(job))
    assert "1 imported" in last.content.decode()
    assert "Refresh" not in last


def test_an_import_under_way_can_be_stopped_and_goes_on(desk, queued):
    job = checked("products", f"{HEAD}studio,plan,Studio,EUR,30 month\n")
    desk.post(f"{LIST}{job.pk}/bring-in/")
    assert "What is imported stays." in desk.get(f"{LIST}{job.pk}/stop/").content.decode()
    desk.post(f"{LIST}{job.pk}/stop/")
    job.refresh_from_db()
    assert job.state == "checked"
    desk.post(f"{LIST}{job.pk}/bring-in/")
    work_on(job_id=job.pk, clock=clock)
    job.refresh_from_db()
    assert job.state == "done"


def test_a_row_leads_to_what_it_made(desk, catalogue):
    job = brought_in("memberships", "reference,email,plan\n=4711,anna@example.com,free\n")
    row, membership = job.rows.get(), Membership.objects.get()
    page = desk.get(f"{ROWS}{row.pk}/change/").content.decode()
    assert f'href="/admin/memberships/membership/{membership.pk}/change/"' in page
    assert "anna@example.com" in page
    assert len(desk.get(ROWS, {"q": "anna@"}).context["cl"].result_list) == 1


def test_what_a_spreadsheet_would_run_stays_a_text(desk):
    job = checked("products", f"{HEAD}=1+1,plan,Studio,EUR,30 month\n")
    assert (
        desk.get(f"{LIST}{job.pk}/refused/").content.decode("utf-8-sig").splitlines()[1].startswith("'=1+1,")
    )


def test_the_file_to_begin_with_can_be_imported_as_it_is(desk, catalogue):
    for kind in ImportJob.Kind.values:
        text = desk.get(f"{LIST}example/{kind}.csv").content.decode("utf-8-sig")
        job = checked(kind, text)
        assert (kind, [row.errors for row in job.rows.all()]) == (kind, [{}])
    assert desk.get(f"{LIST}example/wishes.csv").status_code == 404


def test_only_who_may_import_does(queued):
    user = User.objects.create_user("helper@network.example", is_staff=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    job = checked("products", f"{HEAD}studio,plan,Studio,EUR,30 month\n")
    pages = [LIST, ADD, page_of(job), f"{LIST}{job.pk}/bring-in/", f"{LIST}example/products.csv", ROWS]
    assert {address: client.get(address).status_code for address in pages} == dict.fromkeys(pages, 403)
    user.user_permissions.set(Permission.objects.filter(codename="view_importjob"))
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get(page_of(job)).status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(f"{LIST}{job.pk}/bring-in/").status_code == 403
    assert upload(client, HEAD).status_code == 403
    assert queued == []


def test_lists_and_pages_take_the_same_queries_whatever_their_length(desk, django_assert_num_queries):
    def file_of(count: int) -> ImportJob:
        lines = [(number + 2, {"code": f"p{number}"}) for number in range(count)]
        return begin_import(kind="products", file_name="x.csv", lines=lines, asked_by=None, now=MARCH_12)

    for count in (10, 1000):
        job = file_of(count)
        ImportRow.objects.filter(job=job, line__lt=count // 2).update(
            state="refused", errors={"name": ["No."]}
        )
        for page in (LIST, page_of(job)):
            desk.get(page)
        with django_assert_num_queries(3):
            desk.get(LIST)
        with django_assert_num_queries(4):
            desk.get(f"{ROWS}?job__id__exact={job.pk}")
        with django_assert_num_queries(8):
            desk.get(page_of(job))
