"""``drkit gate``: a second person for what destroys: ask, see, approve, deny, withdraw."""

import argparse

from drkit import arguments
from drkit.commands import Command


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
    arguments.complete_file(
        parser.add_argument(
            "--key",
            type=arguments.path_type,
            metavar="FILE",
            help="sign with this SSH key; the public half of one that an agent or a security key holds will do",
        )
    )


def gate_request(parser: argparse.ArgumentParser) -> None:
    arguments.complete_file(parser.add_argument("playbook", type=arguments.path_type, metavar="PLAYBOOK"))
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
    arguments.complete_file(
        parser.add_argument(
            "--signature",
            type=arguments.path_type,
            metavar="FILE",
            help="file a signature that was made elsewhere",
        )
    )
    parser.add_argument("--yes", action="store_true", help="sign without asking once more")


def gate_roster(parser: argparse.ArgumentParser) -> None:
    arguments.complete_file(
        parser.add_argument(
            "staff", nargs="?", type=arguments.path_type, metavar="PEOPLE", help="who they are: a YAML file"
        )
    )
    arguments.complete_file(
        parser.add_argument(
            "--to",
            type=arguments.path_type,
            metavar="DIR",
            required=True,
            help="the directory of the roster's versions",
        )
    )


COMMANDS = {
    "request": Command(
        "flows.gate.request:request",
        "ask for an approval of what a playbook would destroy or weaken",
        (
            gate_request,
            gate_reason,
            gate_person,
            gate_key,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit gate request remove.yaml --reason 'made by mistake, ticket 4711' --key ~/.ssh/id_ed25519",
        "drkit gate request thin-out.yaml --standing --things 50 --percent 10 --reason 'weekly'",
    ),
    "inbox": Command(
        "flows.gate.seeing:inbox",
        "list what was asked and can still be used",
        (gate_inbox, *arguments.ESTATE_STATE_RESULT),
        "drkit gate inbox",
    ),
    "show": Command(
        "flows.gate.seeing:show",
        "show one request whole, and how it stands",
        (gate_id, *arguments.ESTATE_STATE_RESULT),
        "drkit gate show 3f2a",
    ),
    "approve": Command(
        "flows.gate.answering:approve",
        "read a request and sign it",
        (
            gate_id,
            gate_person,
            gate_key,
            gate_approve,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit gate approve 3f2a --key ~/.ssh/id_ed25519",
        "drkit gate approve 3f2a --signature request.json.sig",
    ),
    "deny": Command(
        "flows.gate.answering:deny",
        "say no to a request",
        (
            gate_id,
            gate_reason,
            gate_person,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit gate deny 3f2a --reason 'the wrong disk'",
    ),
    "withdraw": Command(
        "flows.gate.answering:withdraw",
        "take a request back",
        (
            gate_id,
            gate_reason,
            gate_person,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit gate withdraw 3f2a --reason 'not needed any more'",
    ),
    "roster": Command(
        "flows.gate.roster:roster",
        "write the next version of who may ask and agree, and sign it",
        (
            gate_roster,
            gate_key,
            arguments.result_format("text", "json"),
        ),
        "drkit gate roster people.yaml --to /etc/drkit/roster --key ~/.ssh/root_ed25519",
        "drkit gate roster --to /etc/drkit/roster --key ~/.ssh/root_ed25519",
    ),
    "signers": Command(
        "flows.gate.roster:allowed",
        "print the allowed signers, for ssh-keygen -Y verify",
        arguments.ESTATE_STATE_RESULT,
        "drkit gate signers --output allowed_signers",
    ),
}
