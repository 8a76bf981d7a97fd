"""A standing approval lets a playbook run again and again, and never takes more than its limits in any window."""

from __future__ import annotations

from typing import Any

from gating import RUN, People, Stranger, approve, begin, broker, playbook, request, snapshots, there
from helpers import ask
from office import removal

from drkit.sandbox.testing import Running


def standing(
    people: People, sandbox: Running, count: int, *limits: str
) -> tuple[Any, dict[str, Any], list[str]]:
    ids = snapshots(sandbox, count)
    file = playbook(people, *ids)
    asked = request(people, file, "--standing", *limits, "--lasts", "7d")
    approve(people, asked, "bob", "carol")
    return file, asked, ids


def test_runs_go_on_until_the_limit_and_a_percentage_is_of_what_is_there(
    people: People, sandbox: Running
) -> None:
    total = ask(sandbox, "DescribeSnapshots", "ap-beijing", Limit=1)["TotalCount"]
    percent = -(-100 // total)  # one thing is within, several are not
    file, _, ids = standing(people, sandbox, 6, "--percent", str(percent), "--per", "24h")
    assert percent * total < 6 * 100
    with broker(people, sandbox):
        refused = people.drkit("run", "--yes", file)
        assert refused.status == 5
        assert "limit-reached" in refused.err
        assert f"{percent} % of" in refused.err
        assert all(there(sandbox, id_) for id_ in ids)


def test_no_window_holds_more_than_the_limit_whichever_run_takes_it(people: People, sandbox: Running) -> None:
    file, asked, ids = standing(people, sandbox, 3, "--things", "3")
    with broker(people, sandbox), Stranger(people.socket) as stranger:
        done = people.drkit("run", "--yes", file)
        assert done.status == 0, done.err + done.out
        assert not any(there(sandbox, id_) for id_ in ids)
        shown = people.drkit("gate", "show", asked["id"], "--format", "json").json
        assert shown["decision"]["accepted"], "a standing approval is not spent by one run"

        more = [action.as_data() for action in (removal("snap-0000000a"),)]
        answer = stranger.say(begin(asked, file, RUN, actions=more))
        assert answer is not None
        assert "limit-reached" in answer["refused"]

        other = snapshots(sandbox, 1)
        again = playbook(people, *other, name="more")
        refused = people.drkit("run", "--yes", again)
        assert refused.status == 5


def test_whoever_chooses_the_runs_id_is_counted_however_often_he_uses_it(
    people: People, sandbox: Running
) -> None:
    file, asked, _ = standing(people, sandbox, 4, "--things", "3")
    actions = people.drkit("plan", file, "--format", "json").json["plans"][0]["actions"]

    def begun(*which: int) -> str:
        with Stranger(people.socket) as stranger:
            answer = stranger.say(begin(asked, file, RUN, actions=[actions[each] for each in which]))
        assert answer is not None
        return str(answer.get("refused", ""))

    with broker(people, sandbox):
        assert begun(0, 1) == ""
        assert begun(0, 1) == "", "a run that comes again is counted once"
        assert begun(1, 2) == ""
        assert "limit-reached" in begun(3)
        assert "limit-reached" in begun(0, 3)


def test_the_broker_carries_out_only_what_it_sees_that_the_playbook_calls_for(
    people: People, sandbox: Running
) -> None:
    file, asked, ids = standing(people, sandbox, 1, "--things", "5")
    other = playbook(people, *snapshots(sandbox, 3), name="other")
    plan = people.drkit("plan", other, "--format", "json").json["plans"][0]["actions"]
    with broker(people, sandbox):
        for changed in ({"actions": plan}, {"playbook": other.read_text(), "actions": plan}):
            with Stranger(people.socket) as stranger:
                answer = stranger.say(begin(asked, file, **changed))
            assert answer is not None
            assert (
                "not what the playbook calls for" in answer["refused"]
                or "playbook-changed" in answer["refused"]
            )
        with Stranger(people.socket) as stranger:
            mine = people.drkit("plan", file, "--format", "json").json["plans"][0]["actions"]
            answer = stranger.say(begin(asked, file, actions=mine, slot="2099-01-01T00:00:00Z"))
        assert answer is not None
        assert "has not come yet" in answer["refused"]
    assert there(sandbox, ids[0])


def test_a_standing_approval_needs_a_limit(people: People, sandbox: Running) -> None:
    file = playbook(people, *snapshots(sandbox))
    for words in (
        (),
        ("--percent", "0"),
        ("--percent", "101"),
        ("--things", "0"),
        ("--things", "5", "--per", "90m"),
    ):
        done = people.drkit(
            "gate", "request", file, "--standing", *words, "--reason", "weekly", "--as", "alice"
        )
        assert done.status in {2, 5}, (words, done)
        assert "standing" in done.err or "--" in done.err, done.err
