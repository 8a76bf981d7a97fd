"""Exit status: the same for every command, defined here alone.

This module is imported before anything else, so it imports nothing.
"""

OK = 0
NOTHING_CONCLUDED = 1
USAGE = 2
BAD = 3
CHANGES = 4
APPROVAL = 5
LOCKED = 6
LEFT_BEHIND = 7
INTERRUPTED = 130

MEANING = {
    OK: "concluded, nothing wrong",
    NOTHING_CONCLUDED: (
        "nothing concluded: an error of drkit, a cloud, the network; or a required verdict is UNKNOWN"
    ),
    USAGE: "usage, configuration, or the wrong account",
    BAD: "concluded, and bad: findings, a failed verification, a failed drill",
    CHANGES: "plan --detailed-exitcode: there are changes",
    APPROVAL: "an approval is missing, refused, expired or invalid",
    LOCKED: "another run holds the lock (the message names it and the way out)",
    LEFT_BEHIND: "done, but something was left behind (the message names it)",
    INTERRUPTED: "interrupted",
}

AFTER_THE_RUN = (INTERRUPTED, LEFT_BEHIND, BAD, NOTHING_CONCLUDED, CHANGES, OK)


def first_that_applies(statuses: "set[int]") -> int:
    """The one status a process can give for all that happened in a run.

    An empty set means that nothing was concluded, which is never success.
    """
    for status in AFTER_THE_RUN:
        if status in statuses:
            return status
    return NOTHING_CONCLUDED
