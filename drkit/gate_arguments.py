"""The arguments of ``drkit gate`` and ``drkit broker``; see `arguments`."""

import argparse

from drkit.arguments import complete_file, path_type


def gate_person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="as_",
        metavar="NAME",
        help="who you are in the roster (default: DRKIT_PERSON, or the name of your login)",
    )


def gate_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the request's id or its beginning: drkit gate inbox")


def gate_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, metavar="WHY", help="why, for the others; one line")


def gate_key(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--key",
            type=path_type,
            metavar="FILE",
            help="sign with this SSH key; the public half of one that an agent or a security key holds will do",
        )
    )


def gate_request(parser: argparse.ArgumentParser) -> None:
    complete_file(parser.add_argument("playbook", type=path_type, metavar="PLAYBOOK"))
    parser.add_argument(
        "--lasts",
        metavar="DURATION",
        help="until when it may be used (default and at most: 24h; 90d for a standing approval)",
    )
    parser.add_argument(
        "--standing", action="store_true", help="ask for every run of the playbook, within limits"
    )
    parser.add_argument("--things", type=int, metavar="N", help="standing: at most so many things")
    parser.add_argument("--percent", type=int, metavar="P", help="standing: at most this part of what exists")
    parser.add_argument(
        "--per", default="24h", metavar="DURATION", help="standing: within any window so long (default: 24h)"
    )
    parser.add_argument(
        "--danger",
        choices=("destroy", "change"),
        default="destroy",
        help="standing: the worst that it may do (default: destroy)",
    )


def gate_inbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also what was used, denied, withdrawn or expired")


def gate_approve(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "--signature", type=path_type, metavar="FILE", help="file a signature that was made elsewhere"
        )
    )
    parser.add_argument("--yes", action="store_true", help="sign without asking once more")


def gate_roster(parser: argparse.ArgumentParser) -> None:
    complete_file(
        parser.add_argument(
            "staff", nargs="?", type=path_type, metavar="PEOPLE", help="who they are: a YAML file"
        )
    )
    complete_file(
        parser.add_argument(
            "--to",
            type=path_type,
            metavar="DIR",
            required=True,
            help="the directory of the roster's versions",
        )
    )


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
