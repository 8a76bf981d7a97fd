"""``drkit access``: who may do what, by the policies of CAM and AWS."""

import argparse

from drkit import arguments
from drkit.commands import Command


def access_audit(parser: argparse.ArgumentParser) -> None:
    arguments.complete_file(
        parser.add_argument(
            "--policies",
            type=arguments.path_type,
            required=True,
            metavar="DIR",
            help="a directory with one policy document a .json file",
        )
    )
    parser.add_argument(
        "--dialect", choices=("cam", "aws"), required=True, help="whose language they are written in"
    )


def access_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jsonl",
        action="store_true",
        required=True,
        help="one request a line in, one answer a line out, in the same order",
    )
    arguments.complete_file(
        parser.add_argument(
            "file",
            nargs="?",
            type=arguments.path_type,
            metavar="FILE",
            help="the requests (default: standard input)",
        )
    )


def access_why(parser: argparse.ArgumentParser) -> None:
    arguments.complete_file(
        parser.add_argument(
            "request",
            nargs="?",
            type=arguments.path_type,
            metavar="REQUEST",
            help="one request as JSON, as of evaluate",
        )
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
        arguments.complete_file(
            parser.add_argument(
                f"--{name}",
                action="append",
                type=arguments.path_type,
                default=[],
                metavar="FILE",
                help=meaning,
            )
        )
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
        "flows.access.audit:audit_policies",
        "what is wrong with policies, from their texts alone",
        (access_audit, arguments.result_format("text", "json", "sarif")),
        "drkit access audit --policies policies --dialect cam",
        "drkit access audit --policies policies --dialect aws --format sarif --output drkit.sarif",
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
