"""The settings of a real network under strain, each in a process of its own."""

import os
import subprocess
import sys
from typing import Any

from django.conf import settings

RESTART = """
import django, psycopg
django.setup()
from django.db import connection

def request():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]
    finally:
        connection.close()  # back into the pool

before = [request(), request(), request()]
with psycopg.connect(URL, autocommit=True) as other:
    other.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
print("served" if request() not in before else "nothing was ended")
connection.close_pool()
"""


PROXY = """
import django
django.setup()
from allauth.core.internal.httpkit import get_client_ip
from django.test import RequestFactory
request = RequestFactory().get("/", REMOTE_ADDR="172.18.0.5", headers={"x-forwarded-for": "6.6.6.6, 203.0.113.9"})
print(get_client_ip(request))
"""
ADDRESSES = """
import django
django.setup()
from django.urls import Resolver404, resolve
try:
    print(resolve("/demo/mails/", urlconf="config.urls_network"))
except Resolver404:
    print("no such page")
"""


def said(program: str, **environment: str) -> Any:
    """What `program` prints under the settings of production, and its exit status."""
    done = subprocess.run(
        [sys.executable, "-c", f"URL = {os.environ['DATABASE_URL']!r}\n{program}"],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": "only-for-this-test",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr[-2000:]


def test_the_first_request_after_a_restart_of_postgresql_is_served() -> None:
    assert said(RESTART, DATABASE_POOL="8") == "served"


def test_who_signs_in_is_counted_by_the_address_the_proxy_saw_not_by_the_proxys() -> None:
    assert said(PROXY) == "203.0.113.9"


def test_no_word_in_the_environment_opens_the_demos_pages() -> None:
    assert said(ADDRESSES, SITEWRIGHT_ENV="demo") == "no such page"
