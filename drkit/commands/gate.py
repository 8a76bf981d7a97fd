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
    arguments.add_path(
        parser,
        "--key",
        metavar="FILE",
        help="sign with this SSH key; the public half of one that an agent or a security key holds will do",
    )


def gate_request(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(
        parser,
        "words",
        type=str,
        nargs="*",
        metavar="PLAYBOOK|COMMAND",
        help="a playbook, or a command after --, word by word",
    )
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
    gate_command(parser)


def gate_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", metavar="NAME", help="command: where, as gate.hosts of the estate (default: here)"
    )
    parser.add_argument("--account", metavar="NAME", help="command: which account this host belongs to")
    parser.add_argument("--user", metavar="NAME", help="command: as whom, on this host (default: you)")
    parser.add_argument(
        "--cwd", dest="directory", metavar="DIR", help="command: in which directory (default: this one)"
    )
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="command: a variable; no secret"
    )
    arguments.add_path(parser, "--script", metavar="FILE", help="command: a script that it reads (bash)")
    arguments.add_path(
        parser,
        "--sourced",
        type=str,
        action="append",
        default=[],
        metavar="FILE",
        help="command: another file whose content decides what it does; it is bound too",
    )
    parser.add_argument(
        "--timeout", default="1h", metavar="DURATION", help="command: after which it is ended (default: 1h)"
    )
    parser.add_argument(
        "--break-glass",
        action="store_true",
        help="command: one other person is enough, for an hour at most; everybody is told, and it is reviewed",
    )


def gate_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="+",
        metavar="ID|COMMAND",
        help="the request's id, or the command after --, word by word",
    )


def gate_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="COMMAND",
        help="after --: one word is shell text, several are a program and its arguments; with --jsonl a file",
    )
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help="one question a line in, one answer a line out, in the same order: commands, SQL and API calls",
    )
    parser.add_argument(
        "--cwd", metavar="DIR", help="where relative paths begin (default: an ordinary place)"
    )
    parser.add_argument("--user", metavar="NAME", help="who would run it")


def gate_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", default="7d", metavar="DURATION", help="how long ago the time begins (default: 7d)"
    )
    parser.add_argument(
        "--bastion",
        action="append",
        default=[],
        metavar="ACCOUNT",
        help="also what the managed bastion of this account saw; once an account",
    )
    arguments.add_path(
        parser,
        "--broker",
        metavar="DIR",
        help="the broker's evidence (default: where `drkit broker` with this state has it)",
    )


def gate_templates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--push", metavar="ACCOUNT", help="make templates of them in this account's bastion")
    parser.add_argument(
        "--region", metavar="REGION", help="with --push: where (default: the account's first)"
    )


def gate_inbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also what was used, denied, withdrawn or expired")


def gate_approve(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(parser, "--signature", metavar="FILE", help="file a signature that was made elsewhere")
    parser.add_argument("--yes", action="store_true", help="sign without asking once more")


def gate_roster(parser: argparse.ArgumentParser) -> None:
    arguments.add_path(parser, "staff", nargs="?", metavar="PEOPLE", help="who they are: a YAML file")
    arguments.add_path(
        parser, "--to", metavar="DIR", required=True, help="the directory of the roster's versions"
    )


COMMANDS = {
    "check": Command(
        "flows.gate.check:check",
        "whether a command needs a second person (exit 0: no; 5: yes); runs nothing",
        (gate_check, arguments.estate, arguments.result_format("text", "json")),
        "drkit gate check -- rm -rf ./build",
        "drkit gate check --cwd /data -- 'rm -rf *.tmp | tee log'",
        "drkit gate check --jsonl commands.jsonl",
    ),
    "request": Command(
        "flows.gate.request:request",
        "ask for an approval of a command, or of what a playbook would destroy or weaken",
        (
            gate_request,
            gate_reason,
            gate_person,
            gate_key,
            *arguments.ESTATE_STATE_RESULT,
        ),
        "drkit gate request --reason 'ticket 4711' --key ~/.ssh/id_ed25519 -- rm -rf /data/old",
        "drkit gate request --reason 'ticket 9' -- tccli cbs DeleteSnapshots --region ap-beijing --SnapshotIds snap-1",
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
    "run": Command(
        "flows.gate.run:run",
        "have an approved command carried out by the broker: exactly that, and once",
        (gate_run, *arguments.ESTATE_STATE_RESULT),
        "drkit gate run 3f2a",
        "drkit gate run -- rm -rf /data/old",
    ),
    "output": Command(
        "flows.gate.run:output",
        "show again what a command said",
        (gate_id, *arguments.ESTATE_STATE_RESULT),
        "drkit gate output 3f2a",
    ),
    "report": Command(
        "flows.gate.weekly:report",
        "what each person asked for, agreed to and refused, who broke the glass, and what the bastion saw",
        (
            gate_report,
            arguments.estate,
            arguments.state,
            arguments.page_language,
            arguments.result_format("text", "json", "html"),
        ),
        "drkit gate report --bastion production",
        "drkit gate report --since 30d --format html --language zh --output gate.html",
    ),
    "templates": Command(
        "flows.gate.templates:export",
        "print the worst commands for Tencent's managed bastion, or make templates of them there",
        (gate_templates, arguments.estate, arguments.result_format("text", "json")),
        "drkit gate templates",
        "drkit gate templates --push production --region ap-beijing",
    ),
    "review": Command(
        "flows.gate.reviewing:review",
        "say what you found in a command that broke the glass; who asked or agreed cannot",
        (gate_id, gate_reason, gate_person, gate_key, *arguments.ESTATE_STATE_RESULT),
        "drkit gate review 3f2a --reason 'the disk was full, as they said' --key ~/.ssh/id_ed25519",
    ),
    "erase": Command(
        "flows.gate.erasing:erase",
        "make what a command said unreadable for ever: as the broker's user, while no broker runs",
        (gate_id, gate_reason, gate_person, *arguments.ESTATE_STATE_RESULT),
        "drkit gate erase 3f2a --reason 'it printed a password'",
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
