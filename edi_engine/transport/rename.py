"""Renaming a file of this machine in one step, without overwriting.

Two steps (a second name, then the first one away) leave both names where a crash comes between. A partner who takes the
file by its new name then leaves the old one, and it would be handed over again.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

_HERE: Final = -100  # AT_FDCWD
_NEVER_OVER: Final = 1  # RENAME_NOREPLACE
_UNKNOWN: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EPERM})

_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def renamed(path: Path, to: Path) -> bool:
    """Rename `path` to `to`, where nothing may stand. False if this system or this file system knows no such step.

    Raises OSError: FileExistsError where something stands under the new name, FileNotFoundError where there is nothing
    under the old one.
    """
    if _renameat2 is None:
        return False
    if _renameat2(_HERE, os.fsencode(path), _HERE, os.fsencode(to), _NEVER_OVER) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(path))
