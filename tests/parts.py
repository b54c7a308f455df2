"""Real parts a test needs (a JACK server, torch, a browser): absent, the test is skipped here and fails in CI."""

import os

import pytest


def need(name: str, present: bool, how: str) -> None:
    """Skip, or fail where `CI=true`, when the real part `name` is absent; `how` says how to get it."""
    if present:
        return
    message = f"{name} is not here: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
