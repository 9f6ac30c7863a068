"""`edi validate --jobs N FILE` in this process, and its longest way: what it costs itself, and its helpers one by one.

`python -m bench.apart N FILE` prints as JSON the CPU seconds that pass at least where each process has a core of its
own: all of this process, as if it did nothing while its helpers work, and an equal part of theirs.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from edi_engine.cli import main as edi


def main(jobs: str, file: str) -> int:
    """Validate the file; give the exit code."""
    sys.argv = ["edi", "validate", "--jobs", jobs, file]
    code = 0
    try:
        with redirect_stdout(StringIO()):
            edi()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    own, helpers = (each.ru_utime + each.ru_stime for each in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))
    print(json.dumps({"seconds": own + helpers / int(jobs)}))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
