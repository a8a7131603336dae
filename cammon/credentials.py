"""Where logins come from: the environment, a file, or the encrypted store. Read at each asking, so that a rotated file
or store counts without a restart."""

import os
from collections.abc import Mapping
from pathlib import Path

from cammon.credentialstore import CredentialStore, beside
from cammon.sitefiles.model import CredentialSource, Site
from cammon.store import DEFAULT_STORE
from cammon_probes.model import Credential


class Logins:
    """The logins that a site's credentials hold now. Thread safe."""

    def __init__(self, sources: Mapping[str, CredentialSource], store: CredentialStore) -> None:
        self._sources = sources
        self._store = store

    def of(self, name: str | None) -> Credential | None:
        """The login of that credential; None where the site names no such one, or its source holds none.

        Raises UserError when the encrypted store is needed and cannot be opened.
        """
        source = self._sources.get(name or "")
        if source is None:
            return None
        return self._store.get(source.name) if source.store else _parsed(source.name, _text(source))

    def missing(self) -> tuple[CredentialSource, ...]:
        """The sources that hold no login now. UserError as for `of`."""
        return tuple(source for source in self._sources.values() if self.of(source.name) is None)

    def all(self) -> tuple[Credential, ...]:
        """Every login that there is. UserError as for `of`."""
        return tuple(login for name in self._sources if (login := self.of(name)) is not None)


def logins_of(site: Site, database: Path | None = None) -> Logins:
    """The logins of a site whose store is at `database` (by default where it is by default)."""
    return Logins(site.credentials, CredentialStore(beside(database or site.folder / DEFAULT_STORE)))


def place_of(source: CredentialSource) -> str:
    """Where a login is expected, for people."""
    if source.store:
        return f"the encrypted store (cammon credentials set {source.name})"
    return f"environment variable {source.env}" if source.env else f"file {source.file}"


def _text(source: CredentialSource) -> str | None:
    if source.env is not None:
        return os.environ.get(source.env)
    if source.file is not None:
        try:
            return Path(source.file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
    return None


def _parsed(name: str, text: str | None) -> Credential | None:
    """`user:password` on one line."""
    line = (text or "").strip()
    username, colon, password = line.partition(":")
    if not colon or not line.isprintable():
        return None
    return Credential(name, username, password)
