"""Key places: whether each is covered, since when, and every change."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from cammon.store.schema import place, place_flip
from cammon_coverage.model import Basis, Period, SiteAnswer

PlaceKey = tuple[str, Basis, Period]


def record(connection: Connection, site: str, version: str, answers: Sequence[SiteAnswer], at: datetime) -> None:
    """Write what changed since the last answers: a place's covered, or its share by 0.1 % or more."""
    query = select(place.c.place, place.c.basis, place.c.period, place.c.covered, place.c.share)
    stored = {
        (row.place, row.basis, row.period): (row.covered, row.share)
        for row in connection.execute(query.where(place.c.site == site))
    }
    rows = []
    for answer in answers:
        for one in answer.places:
            was = stored.get((one.place, answer.basis.value, answer.period.value))
            if was is not None and was[0] == one.covered and abs(was[1] - one.share) < 0.001:
                continue
            rows.append(
                {
                    "site": site,
                    "place": one.place,
                    "basis": answer.basis.value,
                    "period": answer.period.value,
                    "covered": one.covered,
                    "share": one.share,
                    "at": at,
                    "version": version,
                    "same": was is not None and was[0] == one.covered,
                }
            )
    for row in rows:
        _write(connection, row)


def _write(connection: Connection, row: dict[str, object]) -> None:
    same = row.pop("same")
    connection.execute(insert(place_flip).values(row))
    now = {**row, "since": row["at"]}
    del now["at"]
    changed = {name: now[name] for name in ("covered", "share", "version")}
    if not same:
        changed["since"] = now["since"]
    statement = upsert(place).values(now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["site", "place", "basis", "period"], set_=changed)
    )


def since(connection: Connection, site: str) -> dict[PlaceKey, datetime]:
    """When each place last changed between covered, not covered and not known."""
    query = select(place.c.place, place.c.basis, place.c.period, place.c.since).where(place.c.site == site)
    return {(name, Basis(basis), Period(period)): at for name, basis, period, at in connection.execute(query)}
