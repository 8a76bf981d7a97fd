"""The power to lengthen lives, kept for a minute: a run has hundreds of actions for which the cloud gives the same."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drkit.core.actions import Action
from drkit.core.estate import Estate
from drkit.flows.clouds import open_to_destroy, policy_to_destroy
from drkit.ports.cloud import Cloud

FRESH = 60.0  # seconds after which it is assumed anew: what the cloud gives lasts for two minutes at least


@dataclass(slots=True)
class _Kept:
    """What was assumed.

    Args:
        purpose: the run, the account, and the policy that bounds it: it serves nothing else.
        assumed: when, by the monotonic clock.
    """

    purpose: tuple[str, str, Mapping[str, Any]]
    clouds: Mapping[str, Cloud]
    assumed: float


@dataclass(slots=True)
class KeptPower:
    """The one that was assumed last.

    Args:
        estate: as the broker knows it.
    """

    estate: Estate
    _kept: _Kept | None = None

    def for_one(self, action: Action, run: str) -> Mapping[str, Cloud]:
        """Accounts opened with the power to do an action, which could do no more if it were assumed for it alone.

        Raises:
            DrkitError: as `drkit.flows.clouds.open_to_destroy`.
        """
        now, account = time.monotonic(), self.estate.accounts[action.account]
        purpose = run, action.account, policy_to_destroy(account, (action,))
        kept, self._kept = self._kept, None
        if kept is None or kept.purpose != purpose or now - kept.assumed > FRESH:
            kept = _Kept(purpose, open_to_destroy(self.estate, (action,), run).clouds, now)
        self._kept = kept
        return kept.clouds

    def forget(self) -> None:
        """Have it assumed anew for what comes next: the cloud may have taken it back."""
        self._kept = None
