"""Wildcards against a solver: where it finds a text that one pattern has and another has not, so do we; else none."""

from __future__ import annotations

import random
from itertools import product

import z3

from drkit.access.language.glob import glob

ALPHABET = "ab"
SEED = 20261122
PAIRS = 120
TEXTS = ["".join(each) for length in range(6) for each in product(ALPHABET, repeat=length)]


def language(pattern: str) -> z3.ReRef:
    """The texts that a pattern has, by its definition."""
    letter = z3.Union(*(z3.Re(each) for each in ALPHABET))
    pieces = {"*": z3.Star(letter), "?": letter}
    made = [pieces[each] if each in pieces else z3.Re(each) for each in pattern]
    return z3.Concat(z3.Re(""), z3.Re(""), *made)


def outside(first: str, second: str) -> str | None:
    """A text that the first has and the second has not; None where the solver proves that there is none."""
    text, solver = z3.String("text"), z3.Solver()
    solver.add(z3.InRe(text, language(first)), z3.Not(z3.InRe(text, language(second))))
    if solver.check() == z3.unsat:
        return None
    return str(solver.model()[text].as_string())


def test_inclusion_of_patterns_is_what_a_solver_proves() -> None:
    choose = random.Random(SEED)
    proven = refuted = 0
    for _ in range(PAIRS):
        first, second = ("".join(choose.choices("ab*?*", k=choose.randrange(5))) for _ in range(2))
        found = outside(first, second)
        has, other = glob(first), glob(second)
        if found is None:
            proven += 1
            assert all(other(text) for text in TEXTS if has(text)), (first, second)
        else:
            refuted += 1
            assert has(found), (first, found)
            assert not other(found), (second, found)
    assert min(proven, refuted) > PAIRS // 20
