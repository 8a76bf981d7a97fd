"""pymerkle, a second implementation that shares no line with ours, makes and accepts the same."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path

import pytest

from drkit.core.evidence import proofs
from drkit.core.evidence.log import EvidenceLog
from drkit.core.evidence.merkle import leaf_hash
from drkit.core.evidence.proving import inclusion_proofs

PEER = Path(__file__).parents[3] / ".venv-peers" / "bin" / "python"
SIZE = 37

# Runs in an environment that has pymerkle and nothing of drkit. It reads a log and proofs, and judges them.
JUDGE = """
import json, sys
from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, InvalidProof, verify_consistency, verify_inclusion

asked = json.load(sys.stdin)
tree = InmemoryTree(algorithm="sha256")
for line in open(asked["log"], "rb").read().split(b"\\n")[:-1]:
    tree.append_entry(line)

def unhex(path):
    return [bytes.fromhex(node) for node in path]

def accepts(verify, *given):
    try:
        verify(*given)
    except InvalidProof:
        return False
    return True

def inclusion(index, size, path):
    # pymerkle begins a path with the leaf itself, and knows by itself which side each node is on.
    theirs = tree.prove_inclusion(index + 1, size)
    ours = InclusionProof("sha256", True, size, index + 1, theirs.rule, [tree.get_leaf(index + 1), *unhex(path)])
    return accepts(verify_inclusion, tree.get_leaf(index + 1), tree.get_root(size), ours, index + 1, size)

def consistency(first, second, path):
    # The RFC leaves out the old root where it is a complete tree.
    path = unhex(path) if first & (first - 1) else [tree.get_root(first), *unhex(path)]
    theirs = tree.prove_consistency(first, second)
    if theirs.subset[0] == 0:
        # pymerkle begins with the leaves after the old tree, one by one; the RFC has them under one node.
        alone = theirs.subset.index(1)
        begun = InclusionProof("sha256", True, second, 1, theirs.rule[:alone], theirs.path[:alone]).compute_root()
        return path == [theirs.path[alone], begun, *theirs.path[alone + 1:]]
    ours = ConsistencyProof("sha256", True, second, first, theirs.rule, theirs.subset, path)
    return accepts(verify_consistency, tree.get_root(first), tree.get_root(second), ours, first, second)

size = tree.get_size()
json.dump({
    "roots": [tree.get_root(upto).hex() for upto in range(size + 1)],
    "inclusion": [inclusion(*given) for given in asked["inclusion"]],
    "consistency": [consistency(*given) for given in asked["consistency"]],
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory, signer):
    directory = tmp_path_factory.mktemp("peers") / "evidence"
    with EvidenceLog.open(directory, signer) as log:
        log.extend({"kind": "action", "number": number, "what": "微盟\n" * number} for number in range(SIZE))
        log.checkpoint()
    return directory / "log.jsonl"


@pytest.fixture(scope="module")
def leaves(log):
    return [leaf_hash(line) for line in log.read_bytes().split(b"\n")[:-1]]


def judge(log, inclusion=(), consistency=()):
    if not PEER.exists():
        pytest.skip("this needs pymerkle in an environment of its own: `make pymerkle` makes it")
    asked = {"log": str(log), "inclusion": list(inclusion), "consistency": list(consistency)}
    done = subprocess.run(
        [PEER, "-I", "-c", JUDGE], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hexadecimal(path):
    return [node.hex() for node in path]


def test_it_finds_the_same_root_at_every_size(log, leaves):
    assert judge(log)["roots"] == [proofs.root_of(leaves[:size]).hex() for size in range(SIZE + 1)]


def test_it_accepts_every_inclusion_proof_at_every_size_and_no_altered_one(log, leaves):
    cases = [
        (index, size, hexadecimal(path))
        for size in range(1, SIZE + 1)
        for index, path in inclusion_proofs(leaves[:size], size, range(size))[1].items()
    ]
    altered = [(index, size, ["00" * 32, *path[1:]]) for index, size, path in cases if path]
    longer = [(index, size, [*path, "00" * 32]) for index, size, path in cases]
    said = judge(log, [*cases, *altered, *longer])["inclusion"]
    assert said == [True] * len(cases) + [False] * (len(altered) + len(longer))
    assert len(cases) == SIZE * (SIZE + 1) / 2


def test_it_accepts_every_consistency_proof_between_all_sizes_and_no_altered_one(log, leaves):
    sizes = list(itertools.combinations(range(1, SIZE + 1), 2))  # for equal sizes the RFC has no proof
    cases = [
        (first, second, hexadecimal(proofs.consistency_proof(leaves[:second], first)))
        for first, second in sizes
    ]
    altered = [(first, second, [*path[:-1], "00" * 32]) for first, second, path in cases if path]
    said = judge(log, consistency=[*cases, *altered])["consistency"]
    assert said == [True] * len(cases) + [False] * len(altered)
