"""The lists of the desk: each takes as many statements for a thousand rows as for ten."""

from datetime import timedelta

import pytest
from django.db.models import F

from checkout.imports.models import ImportJob, ImportRow
from memberships.models import CampaignMember, Invoice, Membership, PriceCampaign
from products.limits import Kind
from sites.models import OverLimitPolicy
from tests.factories.copies import copies
from tests.integration.products.desk_rows import START
from tests.integration.staff.rows import a_row_of_everything
from tests.integration.staff.walk import URLCONF, desks

# of each list, by its kind; who is signed in is one of them
STATEMENTS = {
    "accounts_user": 4,
    "auth_group": 4,
    "checkout_order": 3,
    "checkout_quote": 3,
    "checkout_signup": 4,
    "hooks_endpoint": 3,
    "hooks_message": 5,
    "imports_importjob": 3,
    "imports_importrow": 4,
    "legal_acceptance": 5,
    "legal_legaltext": 5,
    "memberships_campaignmember": 11,
    "memberships_customer": 3,
    "memberships_inboundevent": 3,
    "memberships_invoice": 4,
    "memberships_membership": 5,
    "memberships_notice": 3,
    "memberships_payment": 3,
    "memberships_pricecampaign": 4,
    "memberships_refund": 3,
    "memberships_walletentry": 3,
    "products_discount": 5,
    "products_plangroup": 5,
    "products_product": 5,
    "products_taxrate": 3,
    "sites_domain": 3,
    "sites_domainclaim": 3,
    "sites_overlimitpolicy": 4,
    "sites_retiredschema": 3,
    "sites_site": 3,
    "sites_sitejob": 3,
    "sites_starter": 3,
    "staff_staffaction": 4,
    "staff_staffmember": 6,
    "tokens_apitoken": 4,
}


@pytest.fixture
def rows(catalogue, colleague, settings):
    settings.ROOT_URLCONF = URLCONF
    a_row_of_everything(plan=catalogue.premium, owner=colleague(name="Aad"))
    CampaignMember.objects.create(campaign=PriceCampaign.objects.get(), membership=Membership.objects.get())
    PriceCampaign.objects.update(  # a price has one draft at most
        state="stopped", to_price=F("from_price"), published_at=START - timedelta(days=1), stopped_at=START
    )
    job = ImportJob.objects.create(kind="products", file_name="products.csv", asked_at=START)
    ImportRow.objects.create(job=job, line=2, values={"code": "basic"})


def test_every_list_is_among_them(db):
    assert set(desks()) == set(STATEMENTS)


@pytest.mark.parametrize("kind", sorted(set(STATEMENTS) - {"sites_overlimitpolicy"}))
def test_a_list_takes_as_many_statements_for_a_thousand_rows_as_for_ten(
    desk, rows, kind, django_assert_num_queries
):
    model, shown = desks()[kind].model, desks()[kind].list_per_page
    row, path = model._default_manager.latest("pk"), f"/admin/{kind.replace('_', '/', 1)}/"
    copies(row, 10)
    assert desk.get(path).status_code == 200
    with django_assert_num_queries(STATEMENTS[kind]):
        desk.get(path)
    copies(row, 1000 - 10 - shown, below=model is Invoice)  # no bill is without its lines
    copies(row, shown)  # the newest are shown first in most lists, and have others that refer to them
    with django_assert_num_queries(STATEMENTS[kind]):
        assert len(desk.get(path).context["cl"].result_list) == shown


def test_the_policies_of_all_limits_take_as_many_statements_as_one(desk, db, django_assert_num_queries):
    path = "/admin/sites/overlimitpolicy/"
    for kinds in (list(Kind)[:1], list(Kind)[1:]):
        OverLimitPolicy.objects.bulk_create(OverLimitPolicy(kind=kind, policy="keep") for kind in kinds)
        desk.get(path)
        with django_assert_num_queries(STATEMENTS["sites_overlimitpolicy"]):
            assert desk.get(path).status_code == 200
