"""Fixtures that several test modules share."""

from pathlib import Path

import pytest

from kolkit import machine
from kolkit.errors import EnvironmentFault


@pytest.fixture(scope="session")
def browser_path() -> Path:
    """The browser to test with. A machine without one fails, so that nothing passes unseen."""
    try:
        return machine.require_browser()
    except EnvironmentFault as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of reference material beside the checkout; skips the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no folder of reference material beside this checkout")
    return folder
