"""Where the estate's playbooks stand on this host: files, journal and clock brought to the pure planner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drkit.core.errors import UsageError
from drkit.core.past import Attempts
from drkit.core.standing import Attempt, Memory, Standing, delay_of, standing
from drkit.flows.loading import Loaded, LoadedPlaybook, estate_path, load


@dataclass(frozen=True, slots=True)
class Stands:
    """One playbook and where it stands."""

    playbook: LoadedPlaybook
    standing: Standing

    @property
    def name(self) -> str:
        """The playbook's id."""
        return self.playbook.playbook.playbook

    def local(self, moment: datetime) -> str:
        """A moment on the clock of the playbook's time zone, for a person."""
        zone = self.playbook.playbook.schedule.time_zone
        return moment.astimezone(zone).isoformat(" ", "minutes")


def load_scheduled(estate: Path | None, files: Iterable[Path]) -> Loaded:
    """The estate and its playbooks: those that are named, or all beside the estate.

    Raises:
        UsageError: there are none, or two have the same id, so that their pasts could not be told apart.
        ConfigurationError: all that is wrong with any of them.
    """
    path = estate_path(estate)
    chosen = list(files) or sorted((path.parent / "playbooks").glob("*.yaml"))
    if not chosen:
        raise UsageError(
            f"there are no playbooks in {path.parent / 'playbooks'}",
            hint="name their files, or write some with `drkit init DIR`",
        )
    loaded = load(path, chosen)
    _refuse_same_ids(loaded.playbooks)
    return loaded


def stand(
    playbooks: Iterable[LoadedPlaybook],
    past: Attempts,
    host: str,
    now: datetime,
    look_back: timedelta = timedelta(0),
) -> list[Stands]:
    """Where each playbook stands, in their order.

    Args:
        playbooks: which.
        past: what the estate's journal says of them.
        host: this host's name, for the delay of each.
        now: the moment.
        look_back: see `drkit.core.standing.standing`.
    """
    first = min((attempt.started for attempts in past.values() for attempt in attempts), default=None)
    found = []
    for loaded in playbooks:
        playbook = loaded.playbook
        attempts = past.get(playbook.playbook, [])
        memory = Memory(attempts, _began(attempts, first, loaded.path))
        delay = delay_of(playbook.playbook, host, playbook.schedule.jitter)
        found.append(
            Stands(loaded, standing(playbook.schedule, memory, now, delay=delay, look_back=look_back))
        )
    return found


def _began(attempts: list[Attempt], first: datetime | None, path: Path) -> datetime | None:
    """Since when slots count: the first that was attempted; until then, its file beside a state that is at work."""
    if attempts:
        return attempts[0].slot
    if first is None:
        return None
    return max(first, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _refuse_same_ids(playbooks: Iterable[LoadedPlaybook]) -> None:
    seen: dict[str, Path] = {}
    for loaded in playbooks:
        name = loaded.playbook.playbook
        if name in seen:
            raise UsageError(
                f"{seen[name]} and {loaded.path} are both the playbook '{name}'",
                hint="give each an id of its own: what ran is remembered by it",
            )
        seen[name] = loaded.path
