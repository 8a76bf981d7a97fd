"""The broker's decision: may exactly these actions be carried out, by all that it knows itself?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from drkit.core.actions import Action, Done, Pending
from drkit.core.approval import answers, listing, store
from drkit.core.approval.answers import Answer
from drkit.core.approval.document import Document
from drkit.core.approval.intended import Intended
from drkit.core.approval.settings import Approvals
from drkit.core.approval.store import Filed
from drkit.core.configuration.reading import Reader
from drkit.core.errors import ApprovalError, DrkitError
from drkit.core.estate import Estate
from drkit.core.evidence.log import EvidenceLog
from drkit.core.state import State
from drkit.core.times import Clock
from drkit.flows.approving import noting
from drkit.flows.approving.intention import dangerous, intend
from drkit.flows.approving.judging import Judge, Judged, as_asked, no_bound, requests_directory
from drkit.flows.approving.noting import must_note, note_roster, note_used
from drkit.flows.approving.past import Past
from drkit.flows.broker.asking import Asked
from drkit.flows.broker.ledger import Ledger
from drkit.flows.clouds import open_clouds
from drkit.flows.loading import Loaded, LoadedPlaybook, load_playbook
from drkit.flows.planning import Foreseen, foresee
from drkit.flows.recording import Recorder
from drkit.flows.tools import Look


@dataclass(frozen=True, slots=True)
class Given:
    """A licence that was given.

    Args:
        actions: what it allows, by key.
        at: when it was given.
    """

    asked: Asked
    judged: Judged
    actions: Mapping[str, Action]
    at: datetime


@dataclass(frozen=True, slots=True)
class Office:
    """Gives licences, and remembers them in evidence of its own.

    Args:
        estate: as the broker has it, in a file that its clients cannot change.
        approvals: of that estate.
        state: the broker's own.
        log: the broker's own evidence, open as long as the broker runs.
        ledger: what was carried out, from that evidence.
        ended: requests that somebody denied or took back, whatever became of his word since.
    """

    estate: Estate
    approvals: Approvals
    state: State
    log: EvidenceLog
    clock: Clock
    ledger: Ledger
    ended: dict[str, Answer] = field(default_factory=dict)

    @property
    def requests(self) -> Path:
        """Where requests lie."""
        return requests_directory(self.approvals, self.state.directory)

    def give(self, asked: Asked, peer: Mapping[str, Any]) -> Given:
        """Decide, and write down that the approval is spent before anything is done.

        Args:
            asked: what the client wants.
            peer: who the client is by the kernel's word, for the evidence.

        Raises:
            ApprovalError: it does not hold; the message gives every reason.
            DrkitError: something needed for the decision cannot be read or written.
        """
        recorder = Recorder(self.log, asked.run, self.clock)
        recorder.record("licence.asked", approval=asked.approval, peer=dict(peer), actions=len(asked.actions))
        try:
            return self._give(recorder, asked)
        except ApprovalError as refused:
            recorder.record("licence.refused", approval=asked.approval, reason=refused.message)
            self.log.checkpoint()
            raise

    def _give(self, recorder: Recorder, asked: Asked) -> Given:
        roster, past = note_roster(self.approvals, self.log, self.clock)
        filed = store.load(self.requests, asked.approval)
        past = self.note_ended(past, filed.answer)
        judge = Judge(roster, past, self.clock(), asked.run, no_bound)
        # What a client sends is not even read before the people who approve have signed for it.
        accept(judge, filed, as_asked(filed.document))
        loaded = self._load(asked, filed.document)
        if dangerous(asked.actions) != asked.actions:
            raise ApprovalError("only what destroys or weakens is the broker's to carry out")
        intended = intend(self.estate, loaded, asked.actions, judge.now)
        judged = accept(judge, filed, intended)
        if filed.document.kind == "standing":
            judged = accept(replace(judge, existed=self._look(asked, loaded).existed), filed, intended)
        if must_note(judged, past, asked.run):
            note_used(recorder, judged, asked.actions)
            self.log.checkpoint()
        return Given(asked, judged, {action.key: action for action in asked.actions}, judge.now)

    def refuse_ended(self, given: Given) -> None:
        """See that a licence still holds: time goes on while it is used, and somebody may say no.

        Raises:
            ApprovalError: it has ended. DrkitError: nobody can say.
        """
        document, now = given.judged.document, self.clock()
        if now < given.at:
            raise ApprovalError("the clock was moved back meanwhile", hint="mend the clock, and ask again")
        if now >= document.not_after:
            raise ApprovalError("the approval has expired meanwhile", hint="ask again for what is left")
        answer = self.ended.get(document.id) or _answer_in(self.requests, document.id)
        if answer is not None:
            raise ApprovalError(f"{answer.person} said no meanwhile: {answer.reason}")

    def watch(self) -> None:
        """Notice by itself a new version of the roster, and who said no: the file may be gone when it matters.

        Raises:
            DrkitError: something cannot be read or written.
        """
        _, past = note_roster(self.approvals, self.log, self.clock)
        for summary in listing.listing(self.requests).requests:
            if summary.ended is not None and summary.id not in past.ended:
                past = self.note_ended(past, _answer_in(self.requests, summary.id))

    def note_ended(self, past: Past, answer: Answer | None) -> Past:
        """The past with an answer in it; raises DrkitError where that cannot be written."""
        known = noting.note_ended(self.log, past, self.clock, answer)
        self.ended.update(known.ended)
        return known

    def _look(self, asked: Asked, loaded: LoadedPlaybook) -> Foreseen:
        """What the playbook calls for as the broker itself sees the world: a standing approval names no actions.

        Raises:
            ApprovalError: the client wants something else.
            DrkitError: the cloud did not answer, or the broker has no key pair that reads.
        """
        now = self.clock()
        if asked.slot > now:
            raise ApprovalError("the slot that it is carried out for has not come yet")
        names = Loaded(self.estate, (loaded,)).accounts(now)
        eyes = Look(open_clouds(self.estate, names, powers=("look",)).look, self.clock, lambda _message: None)
        foreseen = foresee(loaded, loaded.setting(self.estate, now, asked.slot), eyes)
        planned = {action.key: action for action in dangerous(foreseen.actions)}
        # What is done already is not done again; a client that comes back still names it.
        over = {
            key for key, outcome in self.ledger.of(asked.run).items() if isinstance(outcome, Done | Pending)
        }
        foreign = [each for each in asked.actions if planned.get(each.key) != each and each.key not in over]
        if foreign:
            raise ApprovalError(
                f"{foreign[0].verb} of {foreign[0].target} is not what the playbook calls for as the broker sees it"
            )
        return foreseen

    def _load(self, asked: Asked, document: Document) -> LoadedPlaybook:
        """The playbook, from its bytes, against the broker's own estate.

        Raises:
            ApprovalError: it is another one than was approved. DrkitError: it cannot be read.
        """
        # A standing approval signs what the playbook says, which only reading it tells.
        if document.kind == "plan" and sha256(asked.playbook).hexdigest() != document.playbook_sha256:
            raise ApprovalError("playbook-changed: the client's playbook is not the one that was approved")
        reader = Reader()
        try:
            with NamedTemporaryFile(dir=self.state.directory, suffix=".yaml") as file:
                file.write(asked.playbook)
                file.flush()
                loaded = load_playbook(reader, Path(file.name), self.estate)
        except OSError as error:
            raise DrkitError(f"the playbook could not be looked at: {error.strerror}") from None
        reader.finish()
        assert loaded is not None
        return loaded


def accept(judge: Judge, filed: Filed, intended: Intended) -> Judged:
    """The judgement, where it is yes.

    Raises:
        ApprovalError: it is no; the message gives every reason.
    """
    judged = Judged(filed, judge.decide(filed, intended))
    if not judged.decision.accepted:
        raise ApprovalError("; ".join(map(str, judged.decision.reasons)))
    return judged


def _answer_in(requests: Path, identifier: str) -> Answer | None:
    """A denial or a withdrawal, if one lies there; raises as `drkit.core.approval.store.load`."""
    path = requests / identifier / store.ANSWER
    return answers.read(store.content(path, answers.LARGEST)) if os.path.lexists(path) else None
