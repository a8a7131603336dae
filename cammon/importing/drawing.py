"""Opening a DXF file: damaged ones are recovered, Chinese ones read in the encoding that they are really in."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

from ezdxf import recover
from ezdxf.filemanagement import read, readfile
from ezdxf.lldxf.const import DXFError

from cammon.importing.model import Notes
from cammon.sitefiles.limits import MEGABYTE

MAX_DRAWING_BYTES = 300 * MEGABYTE
BINARY_MARK = b"AutoCAD Binary DXF"
DWG_MARK = re.compile(rb"AC10\d\d")
HEADER_BYTES = 100_000
CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\S+)")
VERSION = re.compile(rb"\$ACADVER\s+1\s+(AC\d{4})")
UNICODE_SINCE = b"AC1021"


def open_drawing(path: Path, encoding: str, notes: Notes) -> Any:
    """The drawing. Raises Refused for what is none."""
    content = _content(path, notes)
    chosen = encoding or _encoding(content)
    try:
        if chosen:
            text = content.decode(chosen, errors="replace").replace("\r\n", "\n")
            return read(StringIO(text))
        return readfile(path)
    except LookupError as error:
        if encoding:
            raise notes.refuse("unknown_encoding", "--encoding", value=encoding) from error
        return _recovered(path, notes)
    except Exception:  # noqa: BLE001 ezdxf meets a damaged file with whatever its line of code raises
        return _recovered(path, notes)


def _content(path: Path, notes: Notes) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_DRAWING_BYTES:
            limit = MAX_DRAWING_BYTES // MEGABYTE
            raise notes.refuse("file_too_large", megabytes=size // MEGABYTE, limit=limit)
        content = path.read_bytes()
    except OSError as error:
        raise notes.refuse("cannot_read", reason=error.strerror or "") from error
    if DWG_MARK.match(content):
        raise notes.refuse("a_dwg_file")
    if not content.strip():
        raise notes.refuse("file_empty")
    return content


def _recovered(path: Path, notes: Notes) -> Any:
    """The drawing with its structure put right; the damage is said."""
    try:
        drawing, auditor = recover.readfile(path)
    except Exception as error:
        raise notes.refuse("not_a_drawing") from error
    if not len(drawing.modelspace()):
        raise notes.refuse("not_a_drawing")
    notes.repaired("drawing_recovered", errors=len(auditor.errors) + len(auditor.fixes))
    return drawing


def _encoding(content: bytes) -> str:
    """The encoding to force, "" where the drawing says its own rightly.

    What many programs write: GBK without saying so, or GBK where the version means UTF-8.
    """
    if content.startswith(BINARY_MARK) or content.isascii():
        return ""
    header = content[:HEADER_BYTES]
    version, page = VERSION.search(header), CODE_PAGE.search(header)
    if _decodes(content, "utf-8"):
        return "" if version and version[1] >= UNICODE_SINCE else "utf-8"
    silent = page is None or (version is not None and version[1] >= UNICODE_SINCE)
    return "gb18030" if silent and _decodes(content, "gb18030") else ""


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


DrawingError = (DXFError, ValueError, TypeError, ArithmeticError, AttributeError, LookupError)
"""What ezdxf raises for one entity that is not as it should be."""
