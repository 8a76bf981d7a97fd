"""The argument table: a command, its arguments, and the ``module:function`` that carries it out.

Nothing heavy is imported here: the function's module is, once its command is called. A command is a
function from the parsed arguments to an exit status.
"""

import argparse
import os
import sys

from drkit import __version__, arguments
from drkit.commands import Command, Group
from drkit.core import exits

TYPE_CHECKING = False  # `typing` itself costs more than this module is allowed to
if TYPE_CHECKING:
    from typing import Any

    from drkit.core.errors import DrkitError


DESCRIPTION = "No one person can destroy your data, and every month you prove that you can get it back."


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps examples as they are written, and asks the terminal for its width without heavy imports."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=terminal_width() - 2)

    def _split_lines(self, text: str, width: int) -> "list[str]":
        return wrap(text, width)  # argparse would import `textwrap` and compile its expressions


def terminal_width() -> int:
    """Columns of the terminal, 100 where there is none."""
    try:
        return int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        pass
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 100
    except (OSError, ValueError, AttributeError):  # no terminal; or stdout is closed, and None
        return 100


COMMANDS: "dict[str, Command | Group]" = {
    "demo": Command(
        "flows.demo:demo",
        "the daily snapshots and their proof, played through in the sandbox; writes a page",
        (arguments.demo_options,),
        "drkit demo",
    ),
    "init": Command(
        "flows.init:init",
        "write an estate and playbooks to start from",
        (arguments.directory_to_fill,),
        "drkit init dr",
    ),
    "sandbox": Group("an embedded Tencent Cloud on this machine, to try and to test against", "sandbox"),
    "check": Command(
        "flows.check:check",
        "check configuration and playbooks, offline",
        (arguments.files_to_check, arguments.estate, arguments.result_format("text", "json")),
        "drkit check",
        "drkit check playbooks/daily-snapshots.yaml",
    ),
    "doctor": Command(
        "flows.doctor:doctor",
        "whether the powers are apart, and whether anybody could destroy alone; changes nothing",
        (arguments.estate, arguments.state, arguments.result_format("text", "json")),
        "drkit doctor",
        "drkit doctor --format json",
    ),
    "schema": Command(
        "flows.schema:schema",
        "print the JSON Schema of a file, for editors",
        (arguments.schema_kind, arguments.output),
        "drkit schema playbook > playbook.schema.json",
    ),
    "plan": Command(
        "flows.plan:plan",
        "show what a playbook would do; changes nothing",
        (
            arguments.playbooks,
            arguments.plan_options,
            arguments.estate,
            arguments.result_format("text", "json"),
        ),
        "drkit plan playbooks/daily-snapshots.yaml",
    ),
    "run": Command(
        "flows.run:run",
        "carry out playbooks, with evidence",
        (
            arguments.playbooks_or_due,
            arguments.run_options,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json", "html", "openmetrics"),
        ),
        "drkit run playbooks/daily-snapshots.yaml",
        "drkit run --yes --format html --output report.html playbooks/daily-snapshots.yaml",
        "drkit run --due --yes",
    ),
    "due": Command(
        "flows.due:due",
        "which playbooks are due, and which slots were missed; changes nothing",
        (
            arguments.scheduled_files,
            arguments.due_options,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json"),
        ),
        "drkit due",
        "drkit due --since 30d --format json",
    ),
    "daemon": Command(
        "flows.daemon:daemon",
        "carry out what is due, whenever it is, until it is told to end",
        (arguments.scheduled_files, arguments.daemon_options, arguments.estate, arguments.state),
        "drkit daemon",
        "drkit daemon --once",
    ),
    "recover": Command(
        "flows.recover:recover",
        "take up runs that were suspended or broken off",
        (
            arguments.run_options,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json"),
        ),
        "drkit recover --yes",
    ),
    "undo": Command(
        "flows.undo:undo",
        "remove what a run made and does not keep",
        (
            arguments.undo_options,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json"),
        ),
        "drkit undo 20260301T040000Z-6ae5aa",
        "drkit undo --yes 20260301T04",
    ),
    "sweep": Command(
        "flows.sweep:sweep",
        "list the scratch that was left behind, or remove it where mark, scope and record agree",
        (
            arguments.sweep_options,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json"),
        ),
        "drkit sweep",
        "drkit sweep --remove --yes --format json",
    ),
    "history": Command(
        "flows.history:history",
        "list every run, and what it made, kept, removed and left behind",
        (arguments.estate, arguments.state, arguments.result_format("text", "json")),
        "drkit history",
    ),
    "gate": Group("a second person for what destroys: ask, see, approve, deny, withdraw", "gate"),
    "broker": Command(
        "flows.broker.command:broker",
        "hold the power to destroy, under a user of its own; carry out what was approved",
        (arguments.broker, arguments.estate, arguments.state),
        "drkit broker --user drkit --group drkit",
    ),
    "access": Group("who may do what, by the policies of CAM and AWS", "access"),
    "collect": Command(
        "flows.collect:collect",
        "save what the clouds answer of hosts, disks, snapshots and policies, to judge it offline",
        (arguments.collect_options, arguments.estate, arguments.result_format("text", "json")),
        "drkit collect --to facts",
    ),
    "copies": Group("cold copies are present, identical and cold", "copies"),
    "snapshots": Group("every host has a fresh snapshot", "snapshots"),
    "evidence": Group("the tamper-evident record of what was asked, seen and done", "evidence"),
    "report": Command(
        "flows.report:report",
        "a run's report, made from its evidence alone",
        (
            arguments.report_options,
            arguments.page_language,
            arguments.estate,
            arguments.state,
            arguments.result_format("text", "json", "html", "openmetrics"),
        ),
        "drkit report",
        "drkit report --format html --output report.html",
        "drkit report --format html --language zh --output report.html",
    ),
    "completion": Command(
        "cli:completion",
        "print shell completions",
        (arguments.completion_shell,),
        "drkit completion bash > ~/.local/share/bash-completion/completions/drkit",
    ),
}


def epilog(examples: "tuple[str, ...]" = ()) -> str:
    """Examples, and the exit status: the same for every command."""
    lines = ["examples:", *(f"  {line}" for line in examples), ""] if examples else []
    width = terminal_width() - 10
    lines.append("exit status:")
    for status, meaning in exits.MEANING.items():
        first, *rest = wrap(meaning, width)
        lines += [f"  {status:>3}  {first}", *(f"       {line}" for line in rest)]
    return "\n".join(lines)


def wrap(text: str, width: int) -> "list[str]":
    """Break a sentence into lines of at most ``width`` columns."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def build(chosen: "tuple[str, ...] | None" = None) -> argparse.ArgumentParser:
    """The parser of all commands.

    Args:
        chosen: the words of the one command whose arguments are wanted; None for all of them.
    """
    parser = argparse.ArgumentParser(
        prog="drkit",
        usage="drkit [-h] [--version] COMMAND ...",
        description=DESCRIPTION,
        epilog=epilog(("drkit demo", "drkit init dr", "drkit COMMAND --help")),
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"drkit {__version__}")
    _add_commands(parser, COMMANDS, (), chosen)
    return parser


def _add_commands(
    parser: argparse.ArgumentParser,
    commands: "dict[str, Command | Group] | dict[str, Command]",
    above: "tuple[str, ...]",
    chosen: "tuple[str, ...] | None",
) -> None:
    def is_wanted(words: "tuple[str, ...]") -> bool:
        return chosen is None or chosen[: len(words)] == words

    def make_parser(**options: "Any") -> "argparse.ArgumentParser | None":
        """A command that is only listed needs no parser of its own."""
        return (
            argparse.ArgumentParser(**options) if is_wanted((*above, options["prog"].split()[-1])) else None
        )

    subparsers = parser.add_subparsers(  # type: ignore[call-overload]
        metavar="COMMAND",
        title="commands",
        required=True,
        prog=" ".join(("drkit", *above)),
        parser_class=make_parser,
    )
    for name, entry in commands.items():
        words = (*above, name)
        if not is_wanted(words):
            subparsers.add_parser(name, help=entry.summary)
            continue
        child = subparsers.add_parser(
            name,
            help=entry.summary,
            description=entry.summary[0].upper() + entry.summary[1:] + ".",
            epilog=epilog(entry.examples if isinstance(entry, Command) else ()),
            formatter_class=Formatter,
            allow_abbrev=False,
        )
        if isinstance(entry, Group):
            _add_commands(child, entry.commands, words, chosen)
        else:
            for add in entry.adders:
                add(child)
            child.set_defaults(target=entry.target, command=" ".join(words))


def completion(parsed: argparse.Namespace) -> int:
    """Print the shell's completion script."""
    import shtab

    print(shtab.complete(build(), shell=parsed.shell))
    return exits.OK


def main(argv: "list[str] | None" = None) -> int:
    """Parse, carry out, and turn whatever happened into one exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        chosen = tuple(word for word in words if not word.startswith("-"))[:2]
        return carry_out(build(chosen).parse_args(words))
    except KeyboardInterrupt:
        print("drkit: interrupted", file=sys.stderr)
        return exits.INTERRUPTED


def carry_out(parsed: argparse.Namespace) -> int:
    """Call the command's function; whatever a user can cause becomes one clear error."""
    import gc
    import signal

    from drkit.core.errors import DrkitError

    # What is imported stays. To look through it for garbage each few hundred objects is a tenth of a short command.
    gc.set_threshold(50_000, 20, 20)
    # Stopping a service is an interruption like any other: what was begun is told in the evidence.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        module, _, function = parsed.target.partition(":")
        status: int = getattr(load(module), function)(parsed)
        if sys.stdout is not None:
            sys.stdout.flush()
    except DrkitError as error:
        return refuse(error, parsed)
    except BrokenPipeError:
        # The reader of our output left; what we did stands, what we had to say was not heard.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.NOTHING_CONCLUDED
    except Exception as error:
        # The last line of defence: whatever gets here is a defect, and still no traceback for a user.
        if os.environ.get("DRKIT_DEBUG"):
            raise
        hint = "if your machine is in order, this is a defect of drkit: DRKIT_DEBUG=1 shows where"
        return refuse(DrkitError(f"{type(error).__name__}: {error}", hint=hint), parsed)
    return status


def load(module: str) -> object:
    """The module of a command, imported now; `importlib` would cost every ``--help``."""
    __import__(f"drkit.{module}")
    return sys.modules[f"drkit.{module}"]


def refuse(error: "DrkitError", parsed: argparse.Namespace) -> int:
    """Say one clear error; as JSON too, where the result was asked for as JSON."""
    from drkit.core.text import harmless

    for line in error.message.splitlines():
        print(f"drkit: {harmless(line)}", file=sys.stderr)
    if error.hint:
        print(f"  help: {harmless(error.hint)}", file=sys.stderr)
    if getattr(parsed, "format", "text") == "json":
        from drkit.core.errors import UsageError
        from drkit.core.results import refused, write_result

        text = refused(parsed.command, error)
        try:
            # Where the result was to go: what stands there from yesterday is no result of today.
            write_result(text, parsed.output)
        except UsageError:
            write_result(text, None)
        except OSError:
            pass  # nobody reads what we have to say; the status is theirs all the same
    return error.status
