"""Column types that give back exactly what was put in, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

Whole: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits. SQLite's INTEGER is one, and only under this name counts up as a primary key."""


class Words(TypeDecorator[str]):
    """Text. PostgreSQL cannot hold NUL and neither can hold half of a surrogate pair, so a hostile byte in an
    identifier is written as U+2400 or U+FFFD, in stored values and in conditions alike. The bytes stay in their blob.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Make `value` storable."""
        return None if value is None else storable(value)


def is_storable(text: str) -> bool:
    """Say whether both databases hold text as it is; not of all such text, but of most."""
    return text.isascii() and "\0" not in text


def storable(text: str) -> str:
    """Give text as both databases can hold it."""
    if is_storable(text):
        return text
    return text.replace("\0", "␀").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Exact(TypeDecorator[Decimal]):
    """A Decimal with all its digits: NUMERIC on PostgreSQL, text on SQLite, which has only floats."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return Text() if dialect.name == "sqlite" else Numeric()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """Write `value`. Raises ValueError for NaN and infinities."""
        if value is None:
            return None
        if not value.is_finite():
            message = f"{value} is no amount"
            raise ValueError(message)
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read it back."""
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[datetime]):
    """A datetime in UTC, to the microsecond: TIMESTAMPTZ on PostgreSQL, ISO text of fixed width on SQLite.

    That text sorts as the moments do.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return Text() if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Write `value` in UTC. Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value!r} has no time zone"
            raise ValueError(message)
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it back, in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
