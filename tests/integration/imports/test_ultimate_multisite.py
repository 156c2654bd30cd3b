"""An Ultimate Multisite network, as its tables say it, as members of ours."""

import csv
import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkout.imports.models import ImportRow
from checkout.imports.ultimate_multisite.php import unserialize
from memberships.models import MembershipItem
from products.models import Product
from products.operations.catalogue import limits_of
from sites.models import Site

SOON = f"{datetime.now(tz=UTC).year + 1}-01-20 08:30:00"
ADDRESS = (
    'O:33:"WP_Ultimo\\Objects\\Billing_Address":1:{s:13:"\0*\0attributes";a:4:{s:12:"company_name";s:6:"Vos BV";'
    's:22:"billing_address_line_1";s:8:"Dam 1 é";s:12:"billing_city";s:9:"Amsterdam";s:15:"billing_country";s:2:"NL";}}'
)
LIMITS = json.dumps(
    {
        "sites": {"enabled": True, "limit": "3"}, "visits": {"enabled": False, "limit": ""},
        "disk_space": {"enabled": True, "limit": 500}, "domain_mapping": {"enabled": True, "limit": True},
        "post_types": {"enabled": True, "limit": {
            "post": {"enabled": True, "number": "20"}, "page": {"enabled": False, "number": ""},
        }},
        "users": {"enabled": True, "limit": {
            "administrator": {"enabled": True, "number": 2}, "editor": {"enabled": True, "number": 3},
        }},
    }
)  # fmt: skip
VARIATIONS = 'a:1:{i:0;a:3:{s:8:"duration";i:12;s:13:"duration_unit";s:5:"month";s:6:"amount";s:5:"300.0";}}'


def product(id_: int, slug: str, **fields) -> dict:
    row = {
        "id": id_, "name": slug.title(), "slug": slug, "description": "<p>Good</p>", "product_group": "",
        "type": "plan", "currency": "EUR", "pricing_type": "paid", "amount": "30.0000", "setup_fee": "0.0000",
        "recurring": 1,
        "trial_duration": 0, "trial_duration_unit": "day", "duration": 1, "duration_unit": "month", "list_order": 10,
        "active": 1,
    }  # fmt: skip
    return row | fields


def membership(id_: int, **fields) -> dict:
    row = {
        "id": id_, "customer_id": 7, "plan_id": 1, "addon_products": None, "currency": "EUR", "recurring": 1,
        "duration": 1, "duration_unit": "month", "amount": "30.0000", "date_created": "2023-04-20 08:30:00",
        "date_trial_end": None, "date_cancellation": None, "date_expiration": SOON, "status": "active",
    }  # fmt: skip
    return row | fields


def network() -> dict[str, list[dict]]:
    return {
        "wp_wu_products": [
            product(2, "boost", type="package", amount="5", list_order=1),
            product(
                1, "studio", product_group="Family", setup_fee="10.00", trial_duration=2, trial_duration_unit="week"
            ),
            product(3, "call-us", pricing_type="contact_us"),
            product(4, "forever", recurring=0, amount="999"),
            product(5, "help", type="service", recurring=0, amount="450"),
            product(6, "hobby", pricing_type="free", amount="0"),
        ],
        "wp_wu_productmeta": [
            {"wu_product_id": 1, "meta_key": "wu_limitations", "meta_value": LIMITS},
            {"wu_product_id": 1, "meta_key": "price_variations", "meta_value": VARIATIONS},
            {"wu_product_id": 1, "meta_key": "wu_available_addons", "meta_value": "a:1:{i:0;i:2;}"},
        ],
        "wp_wu_memberships": [
            membership(11, amount="35.00", addon_products="a:1:{i:2;i:1;}"),
            membership(12, amount="25.00", customer_id=8),
            membership(13, status="cancelled", date_cancellation="2024-05-01 10:00:00"),
            membership(14, status="pending"),
            membership(15, plan_id=6, amount="0", date_expiration=None, recurring=0),
            membership(16, status="trialing", date_trial_end=SOON, customer_id=8),
            membership(17, customer_id=99),
        ],
        "wp_wu_customers": [{"id": 7, "user_id": 70}, {"id": 8, "user_id": 80}],
        "wp_wu_customermeta": [{"wu_customer_id": 7, "meta_key": "wu_billing_address", "meta_value": ADDRESS}],
        "wp_wu_payments": [
            {"id": 5, "membership_id": 12, "status": "pending", "total": "25.00", "currency": "EUR"},
            {"id": 6, "membership_id": 11, "status": "completed", "total": "35.00", "currency": "EUR"},
        ],
        "wp_users": [
            {"ID": 70, "user_email": "Anna@example.com", "display_name": "Anna 'the' Vos"},
            {"ID": 80, "user_email": "bram@example.com", "display_name": "Bram"},
        ],
        "wp_blogs": [
            {"blog_id": 1, "domain": "um.example", "path": "/", "deleted": 0},
            {"blog_id": 21, "domain": "annas-garden.um.example", "path": "/", "deleted": 0},
            {"blog_id": 22, "domain": "annas-shed.um.example", "path": "/", "deleted": 0},
            {"blog_id": 23, "domain": "um.example", "path": "/brams-bikes/", "deleted": 0},
        ],
        "wp_blogmeta": [
            {"blog_id": blog, "meta_key": key, "meta_value": value}
            for blog, of in ((21, 11), (22, 11), (23, 12))
            for key, value in (("wu_type", "customer_owned"), ("wu_membership_id", of))
        ],
        "wp_21_options": [{"option_name": "blogname", "option_value": "Anna’s Garden"}],
        "wp_wu_domain_mappings": [
            {"blog_id": 21, "domain": "www.annas-garden.nl", "active": 1},
            {"blog_id": 21, "domain": "old.annas-garden.nl", "active": 0},
        ],
    }  # fmt: skip


def quoted(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return (
        "'"
        + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0").replace("\n", "\\n")
        + "'"
    )


def as_sql(folder, tables) -> str:
    """As mysqldump writes it: the names of the columns stand with the table only."""
    lines = []
    for name, rows in tables.items():
        columns = ",\n".join(f"  `{column}` longtext" for column in rows[0])
        lines.append(f"CREATE TABLE `{name}` (\n{columns},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n")
        values = ",".join(f"({','.join(map(quoted, row.values()))})" for row in rows)
        lines.append(f"INSERT INTO `{name}` VALUES {values};\n")
    file = folder / "network.sql"
    file.write_text("-- MySQL dump\n" + "".join(lines), encoding="utf-8")
    return str(file)


def as_phpmyadmin(folder, tables) -> str:
    file = folder / "network.json"
    held = [{"type": "table", "name": name, "data": rows} for name, rows in tables.items()]
    file.write_text(json.dumps([{"type": "header"}, *held]), encoding="utf-8")
    return str(file)


def as_files(folder, tables) -> str:
    """JSON for one half of the tables, CSV for the other."""
    for position, (name, rows) in enumerate(tables.items()):
        if position % 2:
            (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
            continue
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return str(folder)


def files_of(folder) -> dict[str, list[dict[str, str]]]:
    found = {}
    for kind in ("products", "memberships"):
        with (folder / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as lines:
            found[kind] = [
                {key: value for key, value in row.items() if value} for row in csv.DictReader(lines)
            ]
    return found


@pytest.mark.parametrize("export", [as_sql, as_phpmyadmin, as_files], ids=["sql", "phpmyadmin", "files"])
def test_each_way_to_export_says_the_same(tmp_path, export):
    said = StringIO()
    (tmp_path / "export").mkdir()
    path = export(tmp_path / "export", network())
    call_command("read_ultimate_multisite", path, "--into", str(tmp_path / "ours"), stdout=said)
    found = files_of(tmp_path / "ours")
    assert found["products"][0] == {
        "code": "studio", "type": "plan", "name": "Studio", "description": "Good", "active": "yes", "group": "Family",
        "rank": "10", "currency": "EUR", "prices": "30.00 month; 300.00 year", "setup_fee": "10.00", "trial_days": "14",
        "limit_sites": "3", "limit_posts": "20", "limit_disk": "500 MB", "limit_visits": "unlimited",
        "limit_users": "5", "limit_domains": "unlimited", "limit_contact_forms": "yes",
    }  # fmt: skip
    assert [(row["code"], row["type"], row["prices"], row["active"]) for row in found["products"][1:]] == [
        ("forever", "plan", "0.00 month", "no"), ("hobby", "plan", "0.00 month", "yes"),
        ("boost", "package", "5.00 month", "yes"), ("help", "service", "450.00 once", "yes"),
    ]  # fmt: skip
    assert [row["available_with"] for row in found["products"][3:]] == ["studio", "studio; forever; hobby"]
    assert found["memberships"][0] == {
        "reference": "um-11", "email": "Anna@example.com", "name": "Anna 'the' Vos", "company": "Vos BV",
        "address": "Dam 1 é\nAmsterdam", "country": "NL", "plan": "studio", "interval": "month", "currency": "EUR",
        "packages": "boost 1", "state": "active", "member_since": "2023-04-20 08:30:00Z", "next_renewal": f"{SOON}Z",
        "site_name": "Anna’s Garden", "site_address": "annas-garden", "domains": "www.annas-garden.nl",
    }  # fmt: skip
    assert [(row["reference"], row["state"], row.get("price")) for row in found["memberships"][1:]] == [
        ("um-12", "active", "25.00"), ("um-13", "cancelled", "0.00"), ("um-15", "active", "0.00"),
        ("um-16", "trialing", None),
    ]  # fmt: skip
    assert found["memberships"][1]["site_address"] == "brams-bikes"
    assert said.getvalue().splitlines()[2:] == [
        "- product call-us: it has no price, but a button to get in touch; it is left out",
        "- product forever: it is paid once; here it costs nothing, and is not on sale",
        "- membership um-11: its further site annas-shed is left out; its owner adds it on the Account page",
        "- membership um-12: pays 25.00 per month for its plan; 30.00 is listed",
        "- membership um-14: it is pending; it is left out",
        "- membership um-17: it has no customer; it is left out",
        "- membership um-12: its payment 5 of 25.00 EUR is open; it is not imported",
    ]


@pytest.mark.django_db
def test_a_whole_network_comes_over(tmp_path, gateway_double):
    call_command(
        "read_ultimate_multisite", as_sql(tmp_path, network()), "--into", str(tmp_path), stdout=StringIO()
    )
    said = StringIO()
    for kind in ("products", "memberships"):
        call_command("import_csv", kind, str(tmp_path / f"{kind}.csv"), stdout=said)
    assert said.getvalue().splitlines() == ["Imported: 5", "Imported: 5"]
    studio = Product.objects.get(code="studio")
    assert limits_of([studio])[studio.pk].to_json() == {
        "contact_forms": None, "disk": 500 * 1024**2, "domains": None, "posts": 20, "sites": 3, "users": 5,
        "visits": None,
    }  # fmt: skip
    plans = MembershipItem.objects.filter(product__type="plan").order_by("membership")
    assert list(plans.values_list("membership__customer__user__email", "membership__state", "unit_price")) == [
        ("anna@example.com", "active", 3000), ("bram@example.com", "active", 2500),
        ("anna@example.com", "cancelled", 0), ("anna@example.com", "active", 0), ("bram@example.com", "trialing", 3000),
    ]  # fmt: skip
    assert sorted(Site.objects.values_list("slug", flat=True)) == ["annas-garden", "brams-bikes"]
    said = StringIO()
    call_command("import_csv", "memberships", str(tmp_path / "memberships.csv"), stdout=said)
    assert said.getvalue().splitlines() == ["Here already: 5"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("SELECT 1;", "There are no tables wu_products, wu_memberships, wu_customers, users in "),
        ("INSERT INTO `wp_wu_products` (`id`) VALUES (1,'open", "The dump cannot be read from its character"),
    ],
)
def test_a_file_that_is_no_export_says_so(tmp_path, content, sentence):
    (tmp_path / "dump.sql").write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("read_ultimate_multisite", str(tmp_path / "dump.sql"), "--into", str(tmp_path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("read_ultimate_multisite", str(tmp_path / "nothing.sql"))


def test_a_table_without_a_column_names_it(tmp_path):
    tables = network()
    tables["wp_wu_memberships"] = [{"id": 1}]
    with pytest.raises(CommandError, match="A table of the export has no column '"):
        call_command("read_ultimate_multisite", as_phpmyadmin(tmp_path, tables), "--into", str(tmp_path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("plain", None), ("N;", None), ("b:1;", True), ("d:0.5;", 0.5), ('s:3:"né";', "né"),
        ('a:2:{i:0;s:1:"a";s:1:"k";a:0:{}}', {0: "a", "k": {}}), ('s:9:"short";', None), ("[1, 2]", [1, 2]),
        ("{broken", None), ("a:5:{i:0;", None), ("a:" + "9" * 40 + ":{", None),
    ],
)  # fmt: skip
def test_values_as_php_serializes_them(text, value):
    assert unserialize(text) == value


@pytest.mark.django_db
def test_the_command_names_each_refused_row_and_imports_nothing_unless_told(tmp_path):
    file = tmp_path / "products.csv"
    file.write_text(
        "code,type,name,currency,prices\nstudio,plan,Studio,EUR,30 month\nwish,wish,Wish,EUR,3 month\n"
    )
    said, wrong = StringIO(), StringIO()
    for options in ([], ["--dry-run"], ["--dry-run", "--skip-refused"]):
        with pytest.raises(CommandError, match="1 rows were refused"):
            call_command("import_csv", "products", str(file), *options, stdout=said, stderr=wrong)
    assert (
        wrong.getvalue().splitlines()
        == ["line 3, type: Select a valid choice. wish is not one of the available choices."] * 3
    )
    assert Product.objects.count() == 0
    with pytest.raises(CommandError):
        call_command("import_csv", "products", str(file), "--skip-refused", stdout=said, stderr=wrong)
    assert Product.objects.get().code == "studio"
    assert ImportRow.objects.filter(state="done").count() == 1
    file.write_text("a\n1")
    with pytest.raises(CommandError, match="There is no column"):
        call_command("import_csv", "products", str(file))
