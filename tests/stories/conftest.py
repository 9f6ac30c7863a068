"""Stories are found by folder: each test that asks for `story` runs once for every one of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def load_stories():
    name = "tests_stories_story"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("story.py"))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name].stories()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "story" in metafunc.fixturenames:
        metafunc.parametrize("story", load_stories(), ids=lambda story: f"{story.partner}/{story.name}", scope="module")
