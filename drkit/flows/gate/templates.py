"""``drkit gate templates``: what the gate knows of programs, for Tencent's managed bastion to hold as well."""

from __future__ import annotations

import argparse

from drkit.core import exits
from drkit.core.errors import AccountError, UsageError
from drkit.core.results import check_output, json_text, result, write_result
from drkit.core.verdicts import Outcome, Verdict
from drkit.flows.gate.templating import Template, templates
from drkit.flows.loading import load_estate


def export(arguments: argparse.Namespace) -> int:
    """Print the commands, or make templates of them in an account's bastion."""
    check_output(arguments.output)
    found = templates()
    made = _push(arguments, found) if arguments.push else ()
    if arguments.format == "json":
        told = [{"name": each.name, "commands": list(each.lines)} for each in found]
        summary = {"templates": len(found), "made": len(made)}
        text = json_text(
            result("gate templates", Verdict(Outcome.PASS), summary=summary, templates=told, made=list(made))
        )
    elif arguments.push:
        there = len(found) - len(made)
        text = "\n".join(
            [*(f"made {name}" for name in made), *([f"{there} were there already"] if there else [])]
        )
    else:
        text = "\n".join(each.text for each in found)
    write_result(text, arguments.output)
    return exits.OK


def _push(arguments: argparse.Namespace, found: tuple[Template, ...]) -> tuple[str, ...]:
    """Make those that are not there; nothing is changed or removed, and none holds anything until a right names it.

    Raises:
        UsageError: no such account or region, or no key pair. CloudError, AccountError: the cloud says no.
    """
    from drkit.clouds.tencent.bastion import push
    from drkit.clouds.tencent.cloud import open_bastion

    account = load_estate(arguments.estate).accounts.get(arguments.push)
    if account is None or account.cloud != "tencent":
        raise UsageError(f"--push: the estate has no account '{arguments.push}' of Tencent Cloud")
    region = arguments.region or account.regions[0]
    if region not in account.regions:
        raise UsageError(f"--region: the account has no region '{region}' in the estate")
    identity, api = open_bastion(account.credentials.make)
    if identity.caller().account != account.account:
        raise AccountError(f"the key pair to make in '{arguments.push}' belongs to another account")
    return push(api, region, {each.name: each.text for each in found})
