"""The tables. Every key is (site, camera); time is UTC. Migrations stand in cammon/migrations."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone: it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses naive times: a time without zone is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r} may not enter the store")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> tuple[Column[Any], Column[Any]]:
    return Column("site", String(64), nullable=False), Column("camera", String(64), nullable=False)


# What every probe found; kept for days. A delivery that is repeated hits the unique key and changes nothing.
reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    *_key(),
    Column("kind", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("fault", String(32)),  # the probe's own fault; those of the picture are in detail
    Column("ok", Boolean, nullable=False),
    Column("took_ms", Float, nullable=False),
    Column("detail", JSON, nullable=False),  # steps, evidence, stream, findings, device
    Column("version", String(64), nullable=False),  # hash of the site files
    UniqueConstraint("site", "camera", "kind", "due_at"),
    Index("ix_reading_newest", "site", "camera", "kind", "at"),
    Index("ix_reading_age", "at"),
)

# The health of each camera now; rewritten by the recording step alone.
health = Table(
    "health",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("body", JSON, nullable=False),  # tracks, looked_at, good_at, since
    Column("at", UtcDateTime, nullable=False),
)

# A confirmed fault from opening to closing; kept for ever.
incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    *_key(),
    Column("fault_group", String(32), nullable=False),
    Column("fault", String(32), nullable=False),
    Column("since", UtcDateTime, nullable=False),  # first bad reading
    Column("confirmed_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("picture", String(32)),
    Column("acknowledged_by", String(64), nullable=False, default=""),
    Column("acknowledged_at", UtcDateTime),
    Column("note", Text, nullable=False, default=""),
    Column("version", String(64), nullable=False),
    Index("ix_incident_open", "site", "closed_at"),
    Index("ix_incident_camera", "site", "camera", "since"),
)

# Pictures by opaque id: the newest of each camera, and those that show an incident.
picture = Table(
    "picture",
    metadata,
    Column("id", String(32), primary_key=True),
    *_key(),
    Column("at", UtcDateTime, nullable=False),
    Column("kept_for", String(16), nullable=False),  # newest, incident
    Column("jpeg", LargeBinary, nullable=False),
    Index("ix_picture_camera", "site", "camera", "kept_for"),
)

# How a camera's good pictures look, in numbers: without it a covered lens would look healthy after a restart.
reference = Table(
    "reference",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
    Column("sketches", LargeBinary, nullable=False),  # numpy .npz without pickles
    Column("at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),  # when a person last said: this is how it should look
    Column("accepted_by", String(64), nullable=False, default="", server_default=""),
    Column("turned", JSON(none_as_null=True)),  # how far what was accepted is from the ledger's direction; null: not
)

# What pictures measured in one hour, means over the looks; kept for more than a year. docs/trends.md
picture_hour = Table(
    "picture_hour",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),  # its beginning
    Column("light", String(16), primary_key=True),  # day, dusk, infrared
    Column("looks", Integer, nullable=False),
    Column("sharpness", Float, nullable=False),  # logarithm of the energy of fine structure
    Column("contrast", Float, nullable=False),  # gray levels
    Column("luma", Float, nullable=False),  # gray levels
    Index("ix_picture_hour_age", "hour"),
)

# What a device said of itself when it was accepted, and what it says now.
device = Table(
    "device",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("camera", String(64), primary_key=True),
    Column("accepted", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Whether each key place is covered, with the time of the last change.
place = Table(
    "place",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("place", String(64), primary_key=True),
    Column("basis", String(16), primary_key=True),
    Column("period", String(8), primary_key=True),
    Column("covered", Boolean),  # null: not known
    Column("share", Float, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("version", String(64), nullable=False),
)

# Every change of a key place; kept for ever, dark time is computed from it.
place_flip = Table(
    "place_flip",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("place", String(64), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("period", String(8), nullable=False),
    Column("covered", Boolean),
    Column("share", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("version", String(64), nullable=False),
    Index("ix_place_flip_place", "site", "place", "at"),
)

# A login that was refused: no credentialed request to this host with this credential until then.
login_stop = Table(
    "login_stop",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("credential", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),  # keyed hash of the credential: a changed one ends the stop
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("must_change_password", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", UtcDateTime),
)

# Who did and who saw what; only ever appended to.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("user", String(64), nullable=False),
    Column("what", Text, nullable=False),
    Column("address", String(64), nullable=False, default=""),
)

# Secrets of this store (session key, fingerprint key) and the hash of the one-time token.
setting = Table(
    "setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
