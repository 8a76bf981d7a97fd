"""``drkit sandbox``: the embedded clouds."""

import argparse

from drkit import arguments
from drkit.commands import Command


def sandbox_home(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser,
        "--home",
        metavar="DIR",
        help="the sandbox's own directory (default: DRKIT_SANDBOX, /var/lib/drkit-sandbox for root, "
        "the XDG state directory otherwise)",
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
    arguments.add_path(parser, "file", metavar="FILE", help="the saved state")


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
    arguments.add_path(what, "file", nargs="?", metavar="FILE", help="order the faults in it")
    what.add_argument("--list", action="store_true", help="list the faults that wait")
    what.add_argument("--clear", action="store_true", help="forget them all")


COMMANDS = {
    "up": Command(
        "sandbox.commands:up",
        "start it",
        (sandbox_up, sandbox_home),
        "drkit sandbox up --detach",
    ),
    "env": Command(
        "sandbox.commands:env",
        "print the variables that point tools at it",
        (sandbox_home, sandbox_power, arguments.result_format("text", "json")),
        'eval "$(drkit sandbox env)"',
    ),
    "down": Command("sandbox.commands:down", "stop it", (sandbox_home,), "drkit sandbox down"),
    "fault": Command(
        "sandbox.faults.commands:fault",
        "let it go wrong: order the faults of a file",
        (sandbox_fault, sandbox_home, arguments.result_format("text", "json")),
        "drkit sandbox fault throttled.yaml",
        "drkit sandbox fault --list",
        "drkit sandbox fault --clear",
    ),
    "save": Command(
        "sandbox.steering:save",
        "write its whole state into a private file",
        (sandbox_state_file, sandbox_home),
        "drkit sandbox save before.json",
    ),
    "load": Command(
        "sandbox.steering:load",
        "let it be as it was saved, its time too",
        (sandbox_state_file, sandbox_home),
        "drkit sandbox load before.json",
    ),
    "clock": Command(
        "sandbox.steering:clock",
        "tell its time, or move it: what is due until then happens",
        (sandbox_clock, sandbox_home, arguments.result_format("text", "json")),
        "drkit sandbox clock",
        "drkit sandbox clock --advance 24h",
        "drkit sandbox clock --set 2026-12-01T09:00:00+08:00",
        "drkit sandbox clock --running",
    ),
    "coverage": Command(
        "sandbox.commands:coverage",
        "list the actions it emulates",
        (arguments.result_format("text", "json"),),
        "drkit sandbox coverage",
    ),
}
