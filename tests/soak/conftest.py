"""The soak takes as long as SOAK_SECONDS says, and is left out where nobody says it; its gauge is always tried."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite("tests.crash.judge", "tests.crash.partner")

collect_ignore = [] if os.environ.get("SOAK_SECONDS") else ["test_soak.py"]
