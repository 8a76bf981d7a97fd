"""The evidence as a bundle that another party verifies without drkit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from drkit import __version__
from drkit.core.errors import UsageError
from drkit.core.evidence import keys, layout
from drkit.core.evidence.bundle import Bundle
from drkit.core.evidence.checkpoint import LARGEST
from drkit.core.evidence.errors import surfaced
from drkit.core.evidence.outside import folder_of
from drkit.core.times import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from drkit.core.evidence.note import VerifierKey

HANDOUT = Path(__file__).parent / "handout"
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Attached:
    """Files that do not come from the log, by their names in the bundle, and what is missing of them."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a bundle is made of.

    Args:
        estate: its id.
        evidence: the directory of the log.
        key: the verifier key in the directory of the key pair, which may be absent.
        outsides: directories in which checkpoints are kept outside.
        roster: the directory of the roster's history, which may be absent.
        approvals: the requests that were used, with their signatures.
    """

    estate: str
    evidence: Path
    key: Path
    outsides: Sequence[Path]
    roster: Path
    approvals: Attached = field(default_factory=Attached)

    def verifier_keys(self) -> list[VerifierKey]:
        """Every key that signed this log, as far as this host knows.

        Raises:
            UsageError: there is none.
        """
        beside = self.evidence / layout.VERIFIER_KEY
        found = [key for path in (beside, self.key) if path.exists() for key in keys.read_verifier_keys(path)]
        if not found:
            raise UsageError(
                f"there is no verifier key in {self.evidence} or {self.key.parent}",
                hint="put the one that was noted elsewhere there: without it nobody can verify the bundle",
            )
        return list(dict.fromkeys(found))


@dataclass
class Exported:
    """What a bundle holds.

    Args:
        entries: of the log.
        checkpoints: those of the host.
        outside: those that were kept outside.
        notes: what does not speak for itself, a sentence each; some of it is ``missing``.
        missing: what belongs to the bundle and could not be read.
    """

    entries: int = 0
    checkpoints: int = 0
    outside: int = 0
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def export_log(source: Source, target: Path, at: datetime) -> Exported:
    """Write the whole log, its checkpoints, keys and how to verify them to an empty directory.

    A run may be writing meanwhile: checkpoints are copied before the log, so it reaches as far as they say.

    Raises:
        UsageError: there is no log, no verifier key, or the directory is not empty.
        EvidenceError: something cannot be read or written.
    """
    verifier_keys = source.verifier_keys()
    bundle, exported = Bundle.begin(target), Exported()
    with surfaced(target, "written"):
        _copy_checkpoints(source, bundle, exported)
        _copy_outside(source, verifier_keys, bundle, exported)
        _copy_log(source.evidence, bundle, exported)
        facts = {"entries": str(exported.entries)}
        complete(source, bundle, exported, "log.md", at, facts)
    return exported


def complete(
    source: Source, bundle: Bundle, exported: Exported, readme: str, at: datetime, facts: dict[str, str]
) -> None:
    """Add what every bundle has: keys, roster, approvals, script, README, and last of all the manifest."""
    bundle.add("verifier-key", "".join(f"{key}\n" for key in source.verifier_keys()).encode())
    _copy_roster(source.roster, bundle)
    for name, content in source.approvals.files.items():
        bundle.add(name, content)
    exported.missing.extend(source.approvals.missing)
    bundle.copy("verify_by_hand.py", HANDOUT / "verify_by_hand.py")
    notes = "".join(f"Note: {note}.\n\n" for note in (*exported.missing, *exported.notes))
    text = Template((HANDOUT / readme).read_text(encoding="utf-8")).substitute(
        estate=source.estate, at=text_of(at), version=__version__, notes=notes, **facts
    )
    bundle.add("README.md", text.encode())
    bundle.finish()


def _copy_checkpoints(source: Source, bundle: Bundle, exported: Exported) -> None:
    for path in layout.checkpoint_files(source.evidence):
        bundle.copy(f"evidence/{path.relative_to(source.evidence)}", path)
        exported.checkpoints += path.name != layout.LATEST


def _copy_outside(
    source: Source, verifier_keys: Sequence[VerifierKey], bundle: Bundle, exported: Exported
) -> None:
    folders = dict.fromkeys(folder_of(key.name) for key in verifier_keys)
    for number, directory in enumerate(source.outsides, 1):
        for folder in folders:
            try:
                paths = layout.visible_files(directory / folder)
                kept = {path.name: path.read_bytes() for path in paths if path.stat().st_size <= LARGEST}
            except OSError as error:
                exported.missing.append(f"the checkpoints in {directory} could not be read: {error.strerror}")
                continue
            # Somebody else's names: quoted, none of them leads out of the bundle or breaks its manifest.
            for name, content in kept.items():
                bundle.add(f"outside/{number}/{quote(name, safe='')}", content)
            exported.outside += len(kept)


def _copy_log(evidence: Path, bundle: Bundle, exported: Exported) -> None:
    log = evidence / layout.LOG
    length, size = _whole_lines(log), log.stat().st_size
    bundle.copy(f"evidence/{layout.LOG}", log, length)
    with (bundle.directory / "evidence" / layout.LOG).open("rb") as stream:
        exported.entries = sum(1 for _ in layout.lines(stream))
    if length < size:
        left_out = f"the last {size - length} bytes of the log were no whole entry and are left out"
        exported.notes.append(left_out)
    for path in layout.visible_files(evidence):
        if path.name == layout.VERIFIER_KEY or path.name.startswith("torn-"):
            bundle.copy(f"evidence/{path.name}", path)


def _whole_lines(log: Path) -> int:
    """The bytes of a log up to its last newline; what follows is being written, or torn."""
    with log.open("rb") as stream:
        end = stream.seek(0, 2)
        while end:
            begin = max(end - _BLOCK, 0)
            stream.seek(begin)
            newline = stream.read(end - begin).rfind(b"\n")
            if newline >= 0:
                return begin + newline + 1
            end = begin
    return 0


def _copy_roster(roster: Path, bundle: Bundle) -> None:
    """The versions and the signatures under them; nothing else that lies there, and nothing that a link leads to."""
    for pattern in ("*/roster.json", "*/signatures/*.sig"):
        for path in sorted(roster.glob(pattern)):
            name = path.relative_to(roster)
            plain = path.is_file() and not path.is_symlink()
            if plain and not any(part.startswith(".") for part in name.parts):
                bundle.copy(f"roster/{'/'.join(quote(part, safe='') for part in name.parts)}", path)
