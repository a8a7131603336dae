"""Getting a site file's bytes, and text from them, within the caps."""

import hashlib
import os
import stat
from pathlib import Path

from cammon.sitefiles.faults import FileFaults
from cammon.sitefiles.limits import MAX_BYTES, MAX_OTHER_BYTES, MEGABYTE

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def present(path: Path) -> bool:
    """Whether something of that name stands there, whatever it is."""
    return os.path.lexists(path)


def read_bytes(path: Path, faults: FileFaults) -> bytes | None:
    """The bytes of a file, or None with a fatal problem: not there, not a plain file, too large, unreadable, empty."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            faults.fatal("not_a_file")
            return None
        limit = MAX_BYTES.get(path.name, MAX_OTHER_BYTES)
        if about.st_size > limit:
            faults.fatal("file_too_large", params={"megabytes": about.st_size // MEGABYTE, "limit": limit // MEGABYTE})
            return None
        content = path.read_bytes()
    except FileNotFoundError:
        faults.fatal("file_missing")
        return None
    except OSError as error:
        faults.fatal("cannot_read", params={"reason": os.strerror(error.errno or 0)})
        return None
    if not content.strip():
        faults.fatal("file_empty")
        return None
    return content


def read_text(content: bytes, faults: FileFaults) -> str | None:
    """UTF-8 (with or without a byte order mark) or GB18030; None with a fatal problem for anything else."""
    if content.startswith(UTF16_MARKS):
        faults.fatal("utf16")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        first_bad = error.start
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        line = content.count(b"\n", 0, first_bad) + 1
        faults.fatal("bad_encoding", where=f"line {line}", value=repr(content[first_bad : first_bad + 4])[2:-1])
        return None


def version(digests: dict[str, bytes]) -> str:
    """The hash of a site's files: the same bytes under the same names give the same version."""
    whole = hashlib.sha256()
    for name in sorted(digests):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.hexdigest()[:16]
