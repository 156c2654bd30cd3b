"""The people of a site, brought from one schema of it into another."""

from typing import Final

from django.db import connection
from psycopg import sql

from sites.postgresql import copy

TABLE: Final = "accounts_user"


def carry_people(*, source: str, target: str) -> None:
    """Let exactly those work in `target` who may in `source`, in the same roles. Nobody is signed in there.

    A person is known by `uid`. Who is in `target` alone keeps what they wrote and may not come in any more.
    """
    (users,) = (table for table in copy.tables_in(source) if table.name == TABLE)
    columns = [column for column in users.columns if column != "id"]
    names = {
        "source": sql.Identifier(source, TABLE),
        "target": sql.Identifier(target, TABLE),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "values": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))
            for column in columns
            if column != "uid"
        ),
        "their_groups": sql.Identifier(source, "accounts_user_groups"),
        "our_groups": sql.Identifier(target, "accounts_user_groups"),
        "their_roles": sql.Identifier(source, "auth_group"),
        "our_roles": sql.Identifier(target, "auth_group"),
        "sessions": sql.Identifier(target, "django_session"),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                UPDATE {target} SET is_active = false, email = uid || '@passed-on.invalid';
                INSERT INTO {target} ({columns}) SELECT {columns} FROM {source}
                    ON CONFLICT (uid) DO UPDATE SET {values};
                DELETE FROM {our_groups};
                INSERT INTO {our_groups} (user_id, group_id)
                    SELECT ours.id, our_role.id FROM {their_groups} held
                      JOIN {source} theirs ON theirs.id = held.user_id JOIN {target} ours ON ours.uid = theirs.uid
                      JOIN {their_roles} their_role ON their_role.id = held.group_id
                      JOIN {our_roles} our_role ON our_role.name = their_role.name;
                DELETE FROM {sessions};
                """
            ).format(**names)
        )
