"""A connection that sees one schema at a time.

django-tenants puts `public` behind every site's schema, so a table that is missing in a site is answered from
the network's rows, and it sends `SET search_path` before every statement. Here a site's path is its own
schema and the schemas for extensions, nothing else, and the path is sent when it really differs from what the
server session has.

What the session has is remembered on the driver's connection, because that object, not Django's wrapper, is
what a pool hands from thread to thread. A `SET` belongs to its transaction: a rollback takes it back to what
was committed last, a rollback to a savepoint takes it somewhere we do not track, so it is sent again.

A server session keeps in memory every table that it has ever seen, of every site. One that has seen many sites ends
when its user is done with it, and the next user gets a new one.
"""

import select
from dataclasses import dataclass, field
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django_tenants.postgresql_backend import base as stock
from psycopg import Connection
from psycopg.pq import TransactionStatus

SearchPath = tuple[str, ...]
SCHEMAS_IN_A_SESSION: Final = (
    100  # after so many it ends; connecting anew costs each of its requests a hundredth
)


@dataclass(slots=True)
class Session:
    """What a server session has as its search path: in effect now, and after a rollback. None: not known,
    send it. And every schema that it ever had there."""

    current: SearchPath | None = None
    committed: SearchPath | None = None
    schemas: set[str] = field(default_factory=set)

    @property
    def has_seen_enough(self) -> bool:
        return len(self.schemas) > SCHEMAS_IN_A_SESSION


class DatabaseWrapper(stock.DatabaseWrapper):  # type: ignore[misc]  # django-tenants ships no types
    """PostgreSQL where a site's `search_path` never holds `public`, whatever `include_public` says."""

    tenant: Any
    schema_name: str
    _setting_search_path: bool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection whose server is still there: a pool keeps some that a restart has ended. Unlike the pool's own
        check, this sends nothing."""
        connection = super().get_new_connection(conn_params)
        while self.pool and _server_has_left(connection):
            connection.close()  # so that the pool makes another in its place
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 -- stock's signature
        """Work in `tenant.schema_name` from the next statement on. Sends nothing by itself.

        Unlike stock this does not empty Django's content type cache: `content_types` keeps one per schema.
        """
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = False

    def _get_cursor_search_paths(self) -> list[str]:
        if not self.schema_name:
            raise ImproperlyConfigured("The connection has no schema. Enter one with tenant_context(site).")
        paths = [self.schema_name, *settings.EXTENSION_SCHEMAS]
        for path in paths:
            stock._check_schema_name(path)  # noqa: SLF001 -- the rule for names that are safe to quote
        return paths

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._setting_search_path:
            return
        session = self._session()
        wanted = tuple(self._get_cursor_search_paths())
        if session.current == wanted:
            return
        status = self.connection.info.transaction_status
        if status == TransactionStatus.INERROR:
            return  # only a rollback can run now, and it needs no path; the next statement comes here again
        self._setting_search_path = True
        own_cursor = self.connection.cursor() if cursor is None else None
        session.current = None  # unless the statement is known to have gone through
        try:
            quoted = ",".join(stock.quote_schema_name(path) for path in wanted)
            (own_cursor or cursor).execute(f"SET search_path = {quoted}")
        finally:
            self._setting_search_path = False
            if own_cursor is not None:
                own_cursor.close()
        session.current = wanted
        session.schemas.add(self.schema_name)
        if session.has_seen_enough:
            self.close_at = 0.0  # without a pool, Django closes it at the end of the request or task
        if self.connection.info.transaction_status == TransactionStatus.IDLE:
            session.committed = wanted

    def _session(self) -> Session:
        session: Session | None = getattr(self.connection, "sitewright_session", None)
        if session is None:
            session = self.connection.sitewright_session = Session()
        return session

    def _commit(self) -> Any:
        if self.connection is None:
            return super()._commit()
        session = self._session()
        # A commit that fails is a rollback.
        in_effect, session.current = session.current, session.committed
        answer = super()._commit()
        session.current = session.committed = in_effect
        return answer

    def _rollback(self) -> Any:
        if self.connection is not None:
            session = self._session()
            session.current = session.committed
        return super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        try:
            super()._savepoint_rollback(sid)
        finally:
            if self.connection is not None:
                self._session().current = None

    def _close(self) -> Any:
        if self.connection is not None:
            session = self._session()
            session.current = session.committed  # a pool rolls back what was left open
            if self.pool and session.has_seen_enough:
                self.connection._expire_at = 0.0  # noqa: SLF001 -- how the pool itself knows that one is too old
        return super()._close()

    # Stock keeps and forgets here what this class keeps on the driver's connection.
    @property
    def search_path_set_schemas(self) -> SearchPath | None:
        return None if self.connection is None else self._session().current

    @search_path_set_schemas.setter
    def search_path_set_schemas(self, _value: object) -> None:
        pass


def _server_has_left(connection: Connection) -> bool:
    """Nobody asked anything, so what there is to read is a goodbye, or the end."""
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))


def current_connection(using: str = DEFAULT_DB_ALIAS) -> DatabaseWrapper:
    """This thread's connection."""
    return cast("DatabaseWrapper", connections[using])


def current_schema(using: str = DEFAULT_DB_ALIAS) -> str:
    """The schema this thread's connection works in."""
    return current_connection(using).schema_name
