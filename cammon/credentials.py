"""Where logins come from."""

import os
from collections.abc import Mapping
from pathlib import Path

from cammon.sitefiles.model import CredentialSource
from cammon_probes.model import Credential


def resolve(source: CredentialSource) -> Credential | None:
    """The login that this source holds now as `user:password`; None where it holds none.

    Read at each asking, so that a rotated file counts without a restart.
    """
    text = _text(source)
    if text is None or ":" not in text:
        return None
    username, _, password = text.strip().partition(":")
    return Credential(source.name, username, password)


def _text(source: CredentialSource) -> str | None:
    if source.env is not None:
        return os.environ.get(source.env)
    if source.file is not None:
        try:
            return Path(source.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None
    return None


def missing(sources: Mapping[str, CredentialSource]) -> tuple[CredentialSource, ...]:
    """The sources that hold no login now."""
    return tuple(source for source in sources.values() if resolve(source) is None)
