"""How much memory this process took at its peak. Imports nothing that a bare interpreter does not have."""

from __future__ import annotations

import sys


def peak() -> int:
    """Give the most bytes of memory that this process ever held at once."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib is no part of it
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except OSError:  # not Linux; what the parent took may count here
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
