"""The gallery shows every component that pages are built of."""

from pathlib import Path

import pytest

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"
A_PAGE_OF_ITS_OWN = {"error_page.html"}


@pytest.mark.django_db
def test_every_component_is_in_the_gallery(desk):
    page = desk.get("/demo/design/")
    shown = {template.name.removeprefix("components/") for template in page.templates if template.name}
    assert {file.name for file in COMPONENTS.iterdir()} - shown - A_PAGE_OF_ITS_OWN == set()


@pytest.mark.django_db
def test_no_two_parts_of_the_gallery_share_an_identifier(desk):
    page = desk.get("/demo/design/").content.decode()
    identifiers = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert sorted({name for name in identifiers if identifiers.count(name) > 1}) == []
