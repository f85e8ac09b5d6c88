"""Where a database is and how to be let in."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

NAME = "crossbook"
"""The name of the database and of its first user."""
PORT = 5432
"""Names the socket file only: nothing listens on the network."""


class Address(msgspec.Struct, frozen=True):
    """A database on the socket in a folder. Its text form leaves the password out."""

    host: str
    """The folder of the socket."""
    password: str
    port: int = PORT
    user: str = NAME
    database: str = NAME

    @property
    def dsn(self) -> str:
        """The address as asyncpg and libpq take it, password included: never show it.

        >>> Address(host="/run/crossbook/1", password="secret").dsn
        'postgresql://crossbook:secret@/crossbook?host=%2Frun%2Fcrossbook%2F1&port=5432'
        """
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        where = f"host={quote(self.host, safe='')}&port={self.port}"
        return f"postgresql://{who}@/{quote(self.database, safe='')}?{where}"

    def of(self, database: str) -> Address:
        """Another database of the same server."""
        return msgspec.structs.replace(self, database=database)

    def __repr__(self) -> str:
        return f"Address({self.host}, {self.database})"
