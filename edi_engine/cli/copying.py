"""A copy of a big file that nobody can change while it is read: it has no name, and ends with the one who reads it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from edi_engine.cli import terminal
from edi_engine.cli.plain import safe

_PIECE: Final = 1024 * 1024
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.ENOENT})


@contextmanager
def unchanging(path: Path) -> Iterator[IO[bytes]]:
    """Open a copy of a file, or the file itself where there is no room for one."""
    with path.open("rb") as file, ExitStack() as ends:
        try:
            copy: IO[bytes] = ends.enter_context(TemporaryFile())
            shutil.copyfileobj(file, copy, _PIECE)
            copy.flush()
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            ends.close()
            terminal.say(f"There is no room to copy {safe(str(path))}: leave it as it is while it is checked.")
            copy = file
        yield copy
