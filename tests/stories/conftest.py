"""Stories are found by folder: each test that asks for `story` runs once for every one of them."""

from __future__ import annotations

import pytest

from tests.stories.story import stories


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "story" in metafunc.fixturenames:
        metafunc.parametrize("story", stories(), ids=lambda story: f"{story.partner}/{story.name}", scope="module")
