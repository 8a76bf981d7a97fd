"""Fixtures for anybody's tests against the sandbox; pytest finds them by the entry point ``pytest11``.

Nothing of the sandbox is imported before a test asks for it: the plugin is loaded by every pytest of an
environment that has drkit in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drkit.sandbox.testing import InThread, Running

SEED = "drkit_sandbox_seed"
# What would send a client elsewhere than `drkit sandbox env` says.
ELSEWHERE = (
    *("HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "NO_PROXY"),
    *("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "TENCENTCLOUD_TOKEN"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's one setting, for the file where pytest is configured."""
    parser.addini(SEED, "the seed of the fixtures drkit_sandbox and drkit_sandbox_world", default="weimob")


@pytest.fixture(scope="session")
def drkit_sandbox_process(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One sandbox in a process of its own, for all tests of a session; nothing resets it."""
    seed, home = str(pytestconfig.getini(SEED)), tmp_path_factory.mktemp("drkit-sandbox")
    need_extra()
    from drkit.sandbox.testing import running

    with running(known(seed), home) as sandbox:
        yield sandbox


@pytest.fixture
def drkit_sandbox(drkit_sandbox_process: Running) -> Running:
    """The session's sandbox, as it was at its start: whatever other tests did is undone."""
    drkit_sandbox_process.reset()
    return drkit_sandbox_process


@pytest.fixture
def drkit_sandbox_environment(drkit_sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The sandbox, and ``os.environ`` as ``eval "$(drkit sandbox env)"`` would make it, for one test."""
    for name in ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    variables = drkit_sandbox.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def drkit_sandbox_world(pytestconfig: pytest.Config) -> Iterator[InThread]:
    """A sandbox in a thread of this very process, with its world and a clock that stands still."""
    need_extra()
    from drkit.sandbox.testing import in_thread

    with in_thread(known(str(pytestconfig.getini(SEED)))) as sandbox:
        yield sandbox


def known(seed: str) -> str:
    """The seed; the test fails with one sentence where there is none of this name."""
    from drkit.core.errors import UsageError
    from drkit.sandbox.process import find_seed

    try:
        find_seed(seed)
    except UsageError as error:
        pytest.fail(f"{error.message}: {error.hint}", pytrace=False)
    return seed


def need_extra() -> None:
    """Fail the test with a way out where the extra is not installed."""
    from importlib.util import find_spec

    if find_spec("h11") is None:
        pytest.fail("the sandbox is not installed: pip install 'drkit[sandbox]'", pytrace=False)
