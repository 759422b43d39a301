"""What each process may do with each table, where they come as two roles of PostgreSQL.

The server can neither write down what only the vault says (its keys, its decisions, what it has
released, exported and destroyed), nor take away what people have said; the vault never sees a
password's hash or a session, and of an account no more than whether it is an administrator's that
is not disabled, for an export that a second one has to approve. Neither may change a table: that is
the owner's, who runs ``migrate``. Nothing depends on these rights, for nothing in a table is a
permission (``models``); they bound what somebody can break who has broken into one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

_RIGHTS: Final = {"r": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

TABLES: Final[Mapping[str, tuple[str, str]]] = {
    # table: (server, vault), each of select, insert, update, delete
    "accounts": ("riu", ""),
    "alembic_version": ("r", "r"),
    "clock_confirmations": ("r", "riu"),
    "deletions": ("r", "riud"),
    "disk_samples": ("rid", ""),
    "export_downloads": ("riu", "ru"),
    "export_items": ("r", "rid"),
    "exports": ("riu", "riu"),
    "gate_reports": ("r", "riu"),
    "generations": ("riu", "rd"),
    "host_acts": ("ri", "rd"),
    "host_certificates": ("ri", "rd"),
    "invitations": ("riud", ""),
    "join_tokens": ("rid", "rd"),
    "log_entries": ("ri", "riu"),
    "log_tiles": ("ri", "ri"),
    "login_sessions": ("riud", ""),
    "meetings": ("riu", "ru"),
    "notice_words": ("ri", ""),
    "notices": ("ri", "r"),
    "participants": ("riu", "rud"),
    "recall_feeds": ("r", "riu"),
    "recall_fetches": ("riu", ""),
    "release_retries": ("ri", "ru"),
    "releases": ("r", "riu"),
    "revocations": ("ri", "rd"),
    "statements": ("ri", "rud"),
    "vault_identity": ("r", "ri"),
    "vault_keys": ("r", "riu"),
    "worker_heartbeats": ("r", "riu"),
}

VAULT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {"accounts": ("id", "role", "disabled_at")}
"""Of a table that the vault has no right to, the columns that it may select all the same."""


def grant(connection: Connection, server: str, vault: str) -> None:
    """Give two roles that exist just these rights; ``connection`` is of the tables' owner.

    Raises SQLAlchemyError where there is no such role, or the tables are somebody else's.
    """
    quote = connection.dialect.identifier_preparer.quote_identifier
    for role in (server, vault):
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quote(role)}"))
    for table, rights in TABLES.items():
        for role, letters in zip((server, vault), rights, strict=True):
            who, what = quote(role), quote(table)
            connection.execute(text(f"REVOKE ALL ON {what} FROM {who}"))
            if letters:
                named = ", ".join(_RIGHTS[letter] for letter in letters)
                connection.execute(text(f"GRANT {named} ON {what} TO {who}"))
    for table, columns in VAULT_COLUMNS.items():
        named = ", ".join(quote(column) for column in columns)
        connection.execute(text(f"GRANT SELECT ({named}) ON {quote(table)} TO {quote(vault)}"))
