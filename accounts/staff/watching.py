"""How the database records what the staff change: a trigger on each table, which does nothing but within `recorded`.

Operations write in bulk, by `update()` and by raw statements, which Django's signals do not see; a trigger sees every
row. Outside `recorded` it is one look at a setting of the session, and nothing is read or written.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from accounts.models import User
from accounts.staff.models import StaffAction, StaffChange

TRIGGER: Final = "records_what_staff_change"
LONGEST: Final = 500  # characters of a value; the rest of it is in the row
FUNCTION: Final = """
CREATE OR REPLACE FUNCTION public.what_staff_change_is_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    staff jsonb := current_setting('sitewright.staff')::jsonb;
    before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    differs jsonb;
BEGIN
    SELECT jsonb_object_agg(name, jsonb_build_array(was, became)) INTO differs
        FROM (
            SELECT name,
                CASE WHEN is_secret AND before ->> name <> '' THEN '"***"'
                    WHEN length(before ->> name) > %(longest)s
                    THEN to_jsonb(left(before ->> name, %(longest)s) || '…')
                    ELSE before -> name END AS was,
                CASE WHEN is_secret AND after ->> name <> '' THEN '"***"'
                    WHEN length(after ->> name) > %(longest)s
                    THEN to_jsonb(left(after ->> name, %(longest)s) || '…')
                    ELSE after -> name END AS became
            FROM jsonb_object_keys(before || after) AS name,
                LATERAL (SELECT TG_TABLE_NAME || '.' || name = ANY (%(secrets)s)) AS secret (is_secret)
            WHERE COALESCE(NULLIF(before -> name, '""'), 'null') <> COALESCE(NULLIF(after -> name, '""'), 'null')
        ) AS columns;
    IF differs IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.staff_staffaction (uid, actor_id, at, page, chosen)
        VALUES ((staff ->> 'uid')::uuid, (staff ->> 'actor')::bigint, (staff ->> 'at')::timestamptz,
            staff ->> 'page', staff ->> 'chosen')
        ON CONFLICT (uid) DO NOTHING;
    INSERT INTO public.staff_staffchange (action_id, "table", "row", done, fields)
        VALUES ((staff ->> 'uid')::uuid, TG_TABLE_NAME, (before || after) ->> TG_ARGV[0], TG_OP, differs);
    RETURN NULL;
END
$$;
"""
KEPT: Final = "is_never_changed"
REFUSAL: Final = """
CREATE OR REPLACE FUNCTION public.the_audit_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END
$$;
"""
# The names are qualified, since a rehearsal hides the network's tables behind copies, which have no triggers.


def watch(*, models: Iterable[type[Model]], secrets: Collection[str]) -> None:
    """Have the tables of `models`, and no others, record what the staff change. Of the columns in `secrets`, such as
    `accounts_user.password`, it is recorded that they changed, and not what they hold."""
    wanted = {model._meta.db_table: model._meta.pk.column for model in models}  # noqa: SLF001 -- Django's public API
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FUNCTION, {"longest": LONGEST, "secrets": sorted(secrets)})
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = %s",
            [TRIGGER],
        )
        watched = {row[0] for row in cursor.fetchall()}
        for table in sorted(watched - wanted.keys()):
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON public."{table}"')
        for table in sorted(wanted.keys() - watched):
            cursor.execute(
                f'CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON public."{table}" FOR EACH ROW'
                " WHEN (current_setting('sitewright.staff', true) <> '')"
                f" EXECUTE FUNCTION public.what_staff_change_is_recorded('{wanted[table]}')"
            )


def keep() -> None:
    """Have the database refuse whatever would change or remove what the log holds, also by SQL."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(REFUSAL)
        for model in (StaffAction, StaffChange):
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER {KEPT} BEFORE UPDATE OR DELETE ON public."{model._meta.db_table}"'  # noqa: SLF001 -- Django's public API
                " FOR EACH ROW EXECUTE FUNCTION public.the_audit_log_is_kept()"
            )


@contextmanager
def recorded(*, actor: User, page: str, chosen: str, now: datetime) -> Iterator[None]:
    """What is written to the watched tables meanwhile, on this connection, is `actor`'s doing on `page` of the desk.

    Two statements, outside any transaction: what is rolled back takes its record with it, and leaves this as it is.
    """
    _tell(
        {"uid": str(uuid.uuid4()), "actor": actor.pk, "page": page, "chosen": chosen, "at": now.isoformat()}
    )
    try:
        yield
    finally:
        _tell(None)


def _tell(doing: dict[str, Any] | None) -> None:
    said = json.dumps(doing) if doing else ""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sitewright.staff', %s, false)", [said])
    except DatabaseError:
        connection.close()  # so that no other request goes on with it
        raise
