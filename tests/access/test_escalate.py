"""Each way of the tables leads to every right, and not without one of its calls."""

from __future__ import annotations

from typing import Any

import pytest
from accounts_made import EVERYTHING, Estate, allowing, look
from deciding import aws, cam, deny, never

from drkit.access.escalate.catalogue import WAYS
from drkit.access.escalate.escalated import Escalated
from drkit.access.escalate.ways import GROUP, ROLE, USER, Gain, Way, When
from drkit.access.language.form import Dialect
from drkit.ports.identities import Workload

THING = {Dialect.AWS: "arn:aws:x:us-east-1:111122223333:thing/1", Dialect.CAM: "ins-1"}
PASSING = {Dialect.AWS: "iam:PassRole", Dialect.CAM: "cam:PassRole"}
ALL_WAYS = [(dialect, way) for dialect in Dialect for way in WAYS[dialect]]


def calls_of(dialect: Dialect, way: Way) -> list[str]:
    passing = [PASSING[dialect]] if way.gain is Gain.PASS and way.passing else []
    return [way.action, *passing, *way.further]


def around(dialect: Dialect, way: Way, actions: list[str]) -> Escalated:
    """Eve may do some actions, where a way would lead her to every right."""
    estate = Estate(dialect)
    policy = estate.policy("hers", allowing(dialect, actions), others=[EVERYTHING[dialect]])
    eve = estate.user("200", None, policy)
    if way.needs:
        run(estate, way.needs, "")
    SCENES[way.gain](estate, way, actions)
    return look(estate)[eve]


def run(estate: Estate, kind: str, role: str) -> None:
    assert isinstance(estate.workloads, list)
    estate.workloads.append(Workload(kind, THING[estate.dialect], role))


def again(estate: Estate, own: Any, **more: Any) -> str:
    """Eve with other policies."""
    estate.users.clear()
    return estate.user("200", own, **more)


def everybody(estate: Estate) -> str:
    aws_ = estate.dialect is Dialect.AWS
    return f"arn:aws:iam::{estate.number}:root" if aws_ else f"qcs::cam::uin/{estate.number}:root"


def become(estate: Estate, way: Way, _actions: list[str]) -> None:
    held = EVERYTHING[estate.dialect]
    if way.kind == USER:
        factor, console = way.when is When.SECOND_FACTOR, way.when is not When.NO_CONSOLE
        estate.user("300", held, second_factor=factor, console=console)
        return
    takes = way.action == "sts:AssumeRole"
    nobody = estate.trust(service="nobody.amazonaws.com")
    estate.role("boss", estate.trust(everybody(estate)) if takes else nobody, held)


def passed(estate: Estate, way: Way, _actions: list[str]) -> None:
    estate.role("boss", estate.trust(service=way.services[0]), EVERYTHING[estate.dialect])


def code(estate: Estate, way: Way, _actions: list[str]) -> None:
    estate.role("boss", estate.trust(service="nobody.amazonaws.com"), EVERYTHING[estate.dialect])
    run(estate, way.kind, estate.id(ROLE, "boss"))


def prove(estate: Estate, _way: Way, _actions: list[str]) -> None:
    action = "sts:AssumeRoleWithSAML"
    if estate.dialect is Dialect.AWS:
        whom = {"Federated": f"arn:aws:iam::{estate.number}:saml-provider/p"}
        trust = aws({"Effect": "Allow", "Principal": whom, "Action": action})
    else:
        whom = {"federated": f"qcs::cam::uin/{estate.number}:saml-provider/p"}
        trust = cam({"effect": "allow", "principal": whom, "action": f"name/{action}"})
    estate.role("boss", trust, EVERYTHING[estate.dialect])


def raise_(estate: Estate, way: Way, actions: list[str]) -> None:
    dialect = estate.dialect
    if way.kind == GROUP:
        estate.group("7", ["200"], allowing(dialect, ["x:Y"]))
    if way.kind == ROLE:
        eve = again(estate, allowing(dialect, [*actions, "sts:AssumeRole"]))
        estate.role("mine", estate.trust(eve), allowing(dialect, ["x:Y"]))


def join(estate: Estate, _way: Way, _actions: list[str]) -> None:
    estate.group("7", [], EVERYTHING[estate.dialect])


def unbind(estate: Estate, way: Way, actions: list[str]) -> None:
    dialect, held = estate.dialect, EVERYTHING[estate.dialect]
    limit = estate.policy("limit", allowing(dialect, actions))
    if way.kind == USER:
        again(estate, held, boundary=limit)
        return
    eve = again(estate, allowing(dialect, ["sts:AssumeRole", *actions]))
    estate.role("mine", estate.trust(eve), held, boundary=limit)


def remove(estate: Estate, way: Way, actions: list[str]) -> None:
    """Eve may do everything but grant and lift; what denies it comes with what the way takes away."""
    dialect = estate.dialect
    refused = [each for each in LIFTING[dialect] if not any(a.startswith(each[:-1]) for a in actions)]
    refused += GRANTING[dialect]
    no = aws(never(refused)) if dialect is Dialect.AWS else cam(deny(refused))
    if way.kind == GROUP:
        again(estate, EVERYTHING[dialect])
        estate.group("7", ["200"], no)
        return
    everything = estate.policy("all", EVERYTHING[dialect])
    if way.kind == USER:
        estate.users.clear()
        estate.user("200", no, everything)
        return
    eve = again(estate, allowing(dialect, ["sts:AssumeRole"]))
    estate.role("mine", estate.trust(eve), no, everything)


def nothing_more(_estate: Estate, _way: Way, _actions: list[str]) -> None:
    """What the way needs is there already."""


GRANTING = {
    Dialect.AWS: [
        *("iam:Attach*", "iam:Put*", "iam:Create*", "iam:Set*", "iam:Update*", "iam:PassRole"),
        *("iam:AddUserToGroup", "iam:AddClient*"),
    ],
    Dialect.CAM: [
        *("cam:Attach*", "cam:Batch*", "cam:Create*", "cam:Update*", "cam:Set*", "cam:Add*", "cam:Put*"),
        *("cam:QueryApiKey", "organization:*"),
    ],
}
LIFTING = {
    Dialect.AWS: ["iam:Detach*", "iam:Delete*", "iam:Remove*"],
    Dialect.CAM: ["cam:Detach*", "cam:Delete*", "cam:Remove*"],
}
SCENES = {
    Gain.BECOME: become,
    Gain.PASS: passed,
    Gain.CODE: code,
    Gain.PROVE: prove,
    Gain.EVERYBODY: lambda estate, _way, _actions: estate.user("300", EVERYTHING[estate.dialect]),
    Gain.RAISE: raise_,
    Gain.EDIT: nothing_more,
    Gain.REVERT: nothing_more,
    Gain.JOIN: join,
    Gain.UNBIND: unbind,
    Gain.REMOVE: remove,
    Gain.LEAVE: remove,
    Gain.EVERYTHING: nothing_more,
}


@pytest.mark.parametrize(
    ("dialect", "way"), ALL_WAYS, ids=[f"{w.action}-{w.gain}-{n}" for n, (_d, w) in enumerate(ALL_WAYS)]
)
def test_each_way_leads_to_every_right_and_not_without_one_of_its_calls(dialect: Dialect, way: Way) -> None:
    calls = calls_of(dialect, way)
    bad = around(dialect, way, calls)
    assert bad.administrator, way
    assert bad.path, way
    if way.gain in {Gain.REMOVE, Gain.LEAVE}:
        assert not around(dialect, way, ["x:Y"]).administrator
        return
    for missing in calls:
        if len(calls) == 1 or not _others(dialect, [each for each in calls if each != missing]):
            assert not around(
                dialect, way, [each for each in calls if each != missing] or ["x:Y"]
            ).administrator


def _others(dialect: Dialect, calls: list[str]) -> bool:
    """Whether another way needs no more than some calls."""
    return any(set(calls_of(dialect, way)) <= set(calls) for way in WAYS[dialect])
