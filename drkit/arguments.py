"""The arguments of each command, one function a command or a shared set of them."""

import argparse

TYPE_CHECKING = False  # see cli.py: startup counts
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Arguments = Callable[[argparse.ArgumentParser], None]


def path_type(text: str) -> object:
    """A file's path; imported late, since `pathlib` is not cheap."""
    from pathlib import Path

    return Path(text)


def add_path(parser: "argparse._ActionsContainer", *names: str, **more: "Any") -> None:
    """Add an argument for a path, for which the shell's completion offers files."""
    action = parser.add_argument(*names, **{"type": path_type, **more})
    action.complete = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}  # type: ignore[attr-defined]


def estate(parser: argparse.ArgumentParser) -> None:
    add_path(
        parser,
        "--estate",
        metavar="FILE",
        help="the estate (default: DRKIT_ESTATE, ./estate.yaml, /etc/drkit/estate.yaml)",
    )


def state(parser: argparse.ArgumentParser) -> None:
    add_path(
        parser,
        "--state",
        metavar="DIR",
        help="where journal and evidence lie (default: DRKIT_STATE, /var/lib/drkit for root, "
        "the XDG state directory otherwise)",
    )


def output(parser: argparse.ArgumentParser) -> None:
    add_path(parser, "--output", metavar="FILE", help="write the result there, whole")


def result_format(*formats: str) -> "Arguments":
    """``--format`` and ``--output`` for a command that has a result."""

    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")
        output(parser)

    return add


ESTATE_STATE_RESULT = (estate, state, result_format("text", "json"))
"""What most commands that read the state take beside their own arguments."""


def playbooks(parser: argparse.ArgumentParser) -> None:
    add_path(parser, "playbooks", nargs="+", metavar="PLAYBOOK")


def files(parser: argparse.ArgumentParser, help_: str) -> None:
    add_path(parser, "files", nargs="*", metavar="FILE", help=help_)


def files_to_check(parser: argparse.ArgumentParser) -> None:
    files(parser, "estates and playbooks (default: the estate, and playbooks/*.yaml beside it)")


def plan_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="exit 4 where there is something to change"
    )


def playbooks_or_due(parser: argparse.ArgumentParser) -> None:
    add_path(parser, "playbooks", nargs="*", metavar="PLAYBOOK")
    parser.add_argument(
        "--due",
        action="store_true",
        help="carry out what is due and was not done, of these or of playbooks/*.yaml beside the estate",
    )


def scheduled_files(parser: argparse.ArgumentParser) -> None:
    files(parser, "playbooks (default: playbooks/*.yaml beside the estate)")


def due_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        default="7d",
        metavar="DURATION",
        help="how long ago the time of a missed slot may have ended for it to be told (default: 7d)",
    )


def daemon_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tick", default="1m", metavar="DURATION", help="how often to ask what is due (default: 1m)"
    )
    parser.add_argument("--once", action="store_true", help="ask once, carry out what is due, and end")
    parser.add_argument(
        "--patience",
        default="10m",
        metavar="DURATION",
        help="how long the end waits for the run that is under way before it is told to end too (default: 10m)",
    )


def run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before creating or changing things")
    parser.add_argument(
        "--wait",
        default="10m",
        metavar="DURATION",
        help="how long to wait for what the cloud has begun (default: 10m); beyond it the verdict is UNKNOWN",
    )


def undo_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's id or its beginning")
    removal_options(parser)


def sweep_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--remove", action="store_true", help="remove what may go; without it, nothing is changed"
    )
    removal_options(parser)


def removal_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask before removing things")
    parser.add_argument(
        "--wait",
        default="10m",
        metavar="DURATION",
        help="how long to wait until what is removed is gone (default: 10m); beyond it, it counts as left",
    )


def report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "run", nargs="?", metavar="RUN", help="a run's id or its beginning (default: the last)"
    )


def page_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", choices=("en", "zh"), default="en", help="of a page: English or Chinese (default: en)"
    )


def collect_options(parser: argparse.ArgumentParser) -> None:
    add_path(parser, "--to", metavar="DIR", required=True, help="a new directory, or an empty one")


def schema_kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("estate", "playbook"))


def directory_to_fill(parser: argparse.ArgumentParser) -> None:
    add_path(parser, "directory", metavar="DIR")
    parser.add_argument(
        "--no-discovery", action="store_true", help="do not ask the cloud which account and regions there are"
    )


def demo_options(parser: argparse.ArgumentParser) -> None:
    add_path(
        parser, "--to", metavar="DIR", help="where the report and the evidence go (default: ./drkit-demo)"
    )


def completion_shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def broker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user",
        action="append",
        default=[],
        metavar="NAME",
        help="a user of this machine who may ask; again for another",
    )
    parser.add_argument("--group", metavar="NAME", help="the group that may connect to the socket")
    parser.add_argument(
        "--same-user",
        action="store_true",
        help="let this very user ask: to try it against a sandbox on this machine, and nothing else",
    )
