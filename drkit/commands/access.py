"""``drkit access``: who may do what, by the policies of CAM and AWS."""

import argparse

from drkit import arguments
from drkit.commands import Command


def access_audit(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser,
        "--policies",
        metavar="DIR",
        help="texts alone: a directory with one policy document a .json file",
    )
    parser.add_argument("--dialect", choices=("cam", "aws"), help="whose language they are written in")
    for name, meaning in (
        (
            "--facts",
            "what `drkit collect` saved, or aws/ACCOUNT/authorization-details.json; no cloud is asked",
        ),
        ("--since", "facts that were saved earlier: tell who gained what since, and by whom"),
    ):
        arguments.add_path(parser, name, metavar="DIR", help=meaning)
    parser.add_argument(
        "--without", action="append", default=[], metavar="CHECK", help="leave a check out; again for another"
    )


def access_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jsonl",
        action="store_true",
        required=True,
        help="one request a line in, one answer a line out, in the same order",
    )
    arguments.add_path(
        parser, "file", nargs="?", metavar="FILE", help="the requests (default: standard input)"
    )


def access_escalate(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser,
        "--facts",
        required=True,
        metavar="DIR",
        help="saved facts: of collect, or aws/ACCOUNT/authorization-details.json and resources.json",
    )
    parser.add_argument(
        "--administrator",
        action="append",
        default=[],
        metavar="ID",
        help="who is meant to hold every right; again for another (default: whoever holds them already)",
    )


def access_why(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser, "request", nargs="?", metavar="REQUEST", help="one request as JSON, as of evaluate"
    )
    parser.add_argument(
        "--dialect", choices=("cam", "aws"), help="whose language the policies are written in"
    )
    for name, meaning in (
        ("policy", "a policy of the identity; again for another"),
        ("boundary", "its boundary"),
        ("session", "its session's policy"),
        ("resource-policy", "the policy of the bucket, key or role"),
        ("endpoint", "the policy of the endpoint"),
    ):
        arguments.add_path(parser, f"--{name}", action="append", default=[], metavar="FILE", help=meaning)
    parser.add_argument("--principal", metavar="WHO", help="who asks")
    parser.add_argument("--action", metavar="ACTION", help="what it wants to do")
    parser.add_argument("--resource", metavar="RESOURCE", help="whereupon")
    parser.add_argument("--resource-account", metavar="ID", help="whose it is")
    parser.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a condition key of the request; again for another, or for another value of one",
    )
    parser.add_argument(
        "--context-partial", action="store_true", help="the request may have more condition keys"
    )


COMMANDS = {
    "audit": Command(
        "flows.access.audit:audit_access",
        "what is wrong with who may do what: in the accounts, in saved facts, or in policies alone",
        (
            access_audit,
            arguments.estate,
            arguments.page_language,
            arguments.result_format("text", "json", "html", "sarif"),
        ),
        "drkit access audit",
        "drkit access audit --facts facts --since last-week --format html --output audit.html",
        "drkit access audit --policies policies --dialect cam",
        "drkit access audit --policies policies --dialect aws --format sarif --output drkit.sarif",
    ),
    "escalate": Command(
        "flows.access.escalate:escalate",
        "what everybody can come to hold, and the shortest way there",
        (access_escalate, arguments.result_format("text", "json")),
        "drkit access escalate --facts facts",
        "drkit access escalate --facts facts --format json --administrator arn:aws:iam::111122223333:role/admin",
    ),
    "evaluate": Command(
        "flows.access.evaluate:evaluate",
        "decide requests in bulk: JSON lines in, JSON lines out",
        (access_evaluate,),
        "drkit access evaluate --jsonl requests.jsonl",
    ),
    "why": Command(
        "flows.access.why:why",
        "decide one request, and show the statements that decide, with their places",
        (access_why, arguments.result_format("text", "json")),
        "drkit access why request.json",
        "drkit access why --dialect cam --policy ops.json --principal qcs::cam::uin/100:uin/200 "
        "--action cvm:TerminateInstances --resource '*'",
    ),
}
