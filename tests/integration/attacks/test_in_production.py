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

RESTART_OF_A_WORKER = """
import django, psycopg
django.setup()
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection
from config.celery import app

@app.task
def whom_it_talks_to():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_schema()")
        return cursor.fetchone()

worker = DjangoWorkerFixup(app)

def run():  # what a worker does around each task
    worker.on_task_prerun(sender=whom_it_talks_to)
    try:
        return whom_it_talks_to()
    finally:
        worker.on_task_postrun(sender=whom_it_talks_to)

before = {run() for _ in range(20)}
with psycopg.connect(URL, autocommit=True) as other:
    other.execute("SELECT pg_terminate_backend(%s, 5000)", [next(iter(before))[0]])
after = {run() for _ in range(20)}
connections = {run()[0] for _ in range(300)}
print(len(before), len(after), before & after, {schema for _, schema in before | after}, len(connections))
connection.close()
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


def test_a_worker_keeps_its_connection_for_a_while_and_survives_a_restart_of_postgresql() -> None:
    assert said(RESTART_OF_A_WORKER, DATABASE_POOL="") == "1 1 set() {'public'} 4"


def test_who_signs_in_is_counted_by_the_address_the_proxy_saw_not_by_the_proxys() -> None:
    assert said(PROXY) == "203.0.113.9"


def test_no_word_in_the_environment_opens_the_demos_pages() -> None:
    assert said(ADDRESSES, SITEWRIGHT_ENV="demo") == "no such page"
