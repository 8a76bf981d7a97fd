"""What everybody of the seeded sandbox can come to hold, from facts that were collected, read offline."""

from __future__ import annotations

from helpers import Drkit
from people import ACCOUNT, People, allow

from drkit.sandbox.testing import Running

NOWHERE = {"DRKIT_TENCENT_ENDPOINT": "http://127.0.0.1:9", "DRKIT_LOOK_SECRET_ID": ""}


def test_facts_of_the_sandbox_tell_who_is_administrator_and_who_can_become_one(
    cloud: Drkit, sandbox: Running
) -> None:
    staff = People(sandbox)
    granting = staff.new_user("granting", allow("cam:AttachUserPolicy"))
    looking = staff.new_user("looking", allow(["cvm:Describe*", "cam:List*", "cam:Get*"]))
    assert cloud("collect", "--to", "facts").status == 0

    ran = cloud("access", "escalate", "--facts", "facts", "--format", "json", **NOWHERE)

    found = {each["id"]: each for each in ran.json["principals"]}
    assert len(found) == len(ran.json["principals"])
    for each in found.values():
        assert isinstance(each["administrator"], bool)
        assert all({"from", "action", "on", "to"} <= step.keys() for step in each["path"])

    def user(uin: object) -> dict[str, object]:
        return found[f"qcs::cam::uin/{ACCOUNT}:uin/{uin}"]

    def named(name: str) -> dict[str, object]:
        users = staff("administrator", "cam", "ListUsers")["Data"]
        return user(next(each["Uin"] for each in users if each["Name"] == name))

    boss = named("administrator")
    assert (boss["administrator"], boss["confidence"], boss["path"]) == (True, "certain", [])

    assert not named("drkit-look")["administrator"]
    assert not user(looking["Uin"])["administrator"]
    gained = user(granting["Uin"])
    assert (gained["administrator"], gained["confidence"]) == (True, "certain")
    [step] = gained["path"]  # type: ignore[misc]
    assert (step["from"], step["action"], step["to"]) == (
        gained["id"],
        "cam:AttachUserPolicy",
        "administrator",
    )
    assert step["on"] == gained["id"]
    assert ran.status in {1, 3}
    assert ran.status == 3 or ran.json["unread"]
