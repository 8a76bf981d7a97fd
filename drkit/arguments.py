"""The arguments of each command, one function a command or a shared set of them."""

import argparse

TYPE_CHECKING = False  # see cli.py: startup counts
if TYPE_CHECKING:
    from collections.abc import Callable

    Arguments = Callable[[argparse.ArgumentParser], None]


def path_type(text: str) -> object:
    """A file's path; imported late, since `pathlib` is not cheap."""
    from pathlib import Path

    return Path(text)


def complete_file(action: argparse.Action) -> None:
    """Ask the shell's completion to offer files for an argument."""
    action.complete = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}  # type: ignore[attr-defined]


def estate(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--estate",
            type=path_type,
            metavar="FILE",
            help="the estate (default: DRKIT_ESTATE, ./estate.yaml, /etc/drkit/estate.yaml)",
        )
    )


def state(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--state",
            type=path_type,
            metavar="DIR",
            help="where journal and evidence lie (default: DRKIT_STATE, /var/lib/drkit for root, "
            "the XDG state directory otherwise)",
        )
    )


def output(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument("--output", type=path_type, metavar="FILE", help="write the result there, whole")
    )


def result_format(*formats: str) -> "Arguments":
    """``--format`` and ``--output`` for a command that has a result."""

    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--format", choices=formats, default=formats[0], help=f"default: {formats[0]}")
        output(parser)

    return add


def playbooks(parser: argparse.ArgumentParser) -> None:
    complete_file(parser.add_argument("playbooks", nargs="+", type=path_type, metavar="PLAYBOOK"))


def files(parser: argparse.ArgumentParser, help_: str) -> None:
    complete_file(parser.add_argument("files", nargs="*", type=path_type, metavar="FILE", help=help_))


def files_to_check(parser: argparse.ArgumentParser) -> None:
    files(parser, "estates and playbooks (default: the estate, and playbooks/*.yaml beside it)")


def plan_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="exit 4 where there is something to change"
    )


def playbooks_or_due(parser: argparse.ArgumentParser) -> None:
    complete_file(parser.add_argument("playbooks", nargs="*", type=path_type, metavar="PLAYBOOK"))
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


def schema_kind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=("estate", "playbook"))


def directory_to_fill(parser: argparse.ArgumentParser) -> None:
    complete_file(parser.add_argument("directory", type=path_type, metavar="DIR"))
    parser.add_argument(
        "--no-discovery", action="store_true", help="do not ask the cloud which account and regions there are"
    )


def demo_options(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--to",
            type=path_type,
            metavar="DIR",
            help="where the report and the evidence go (default: ./drkit-demo)",
        )
    )


def cover_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--younger-than",
        default="25h",
        metavar="DURATION",
        help="how old a volume's newest good snapshot may be (default: 25h)",
    )
    parser.add_argument("--account", action="append", metavar="NAME", help="only this account of the estate")


def sandbox_home(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--home",
            type=path_type,
            metavar="DIR",
            help="the sandbox's own directory (default: DRKIT_SANDBOX, /var/lib/drkit-sandbox for root, "
            "the XDG state directory otherwise)",
        )
    )


def sandbox_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="the port on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--aws-port",
        type=int,
        metavar="N",
        help="the port on 127.0.0.1 of the AWS beside it (default: a free one)",
    )
    parser.add_argument(
        "--seed", default="weimob", metavar="NAME", help="the estate it starts with (weimob, empty, thousand)"
    )
    parser.add_argument("--detach", action="store_true", help="return once it answers")


def sandbox_state_file(parser: argparse.ArgumentParser) -> None:
    complete_file(parser.add_argument("file", type=path_type, metavar="FILE", help="the saved state"))


def sandbox_clock(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--advance", metavar="DURATION", help="let time pass: 90m, 24h, 7d")
    how.add_argument("--set", metavar="TIME", help="go forwards to this time and stand still there")
    how.add_argument("--running", action="store_true", help="run on from where it stands")


def sandbox_power(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--power",
        choices=["destroy"],
        help="print the broker's key pair and no other (default: those of look, make and the administrator)",
    )


def sandbox_fault(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    complete_file(
        what.add_argument("file", nargs="?", type=path_type, metavar="FILE", help="order the faults in it")
    )
    what.add_argument("--list", action="store_true", help="list the faults that wait")
    what.add_argument("--clear", action="store_true", help="forget them all")


def evidence_directory(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "directory", nargs="?", type=path_type, metavar="DIR", help="default: the estate's own evidence"
        )
    )


def evidence_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", metavar="ID", help="only this run: its id or the beginning of it")


def evidence_keygen(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--to", type=path_type, metavar="DIR", help="make it there (default: where runs look for it)"
        )
    )


def evidence_checkpoint(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--to", type=path_type, metavar="DIR", help="send it there too; the directory has to be there"
        )
    )


def evidence_export(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--to", type=path_type, metavar="DIR", required=True, help="a new directory, or an empty one"
        )
    )
    parser.add_argument(
        "--run", metavar="ID", help="only this run, with proofs: its id or the beginning of it"
    )


def evidence_verify(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--key", type=path_type, metavar="FILE", help="the verifier key (default: the one beside the log)"
        )
    )
    complete_file(
        parser.add_argument(
            "--outside",
            action="append",
            type=path_type,
            default=[],
            metavar="FILE",
            help="a checkpoint, or a directory of them, that was kept elsewhere (default, for the estate's "
            "own evidence: the estate's outsides)",
        )
    )


def completion_shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))
