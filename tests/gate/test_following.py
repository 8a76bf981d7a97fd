"""What a script sets up for later, or hides from the parser, is followed or held."""

from __future__ import annotations

import pytest

from drkit.gate.classify.opinion import agrees
from drkit.gate.classify.places import Place, Places
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Verdict

HELD = {
    "a trap sees the last value": "D=/tmp/x; trap 'rm -rf $D' EXIT; D=/data",
    "a trap sees a value in between": "D=/tmp/x; trap 'rm -rf $D' EXIT; D=/data; ls; D=/tmp/y",
    "a trap sees a value of a branch": "D=/tmp/x; trap 'rm -rf $D' EXIT; if x; then D=/data; fi",
    "a trap sees the last directory": "cd /tmp/a; trap 'rm -rf ./x' EXIT; cd /data",
    "a trap in a shell of its own": "bash -c 'D=/tmp/x; trap \"rm -rf \\$D\" EXIT; D=/data'",
    "a trap sets a variable at any time": "X=/tmp/a; trap 'X=/data' USR1; rm -rf $X",
    "what runs beside changes nothing here": "X=/data; X=/tmp/y & rm -rf $X",
    "arguments that were shifted": 'set -- a b /data; while [ $# -gt 0 ]; do rm -rf "$1"; shift; done',
    "all arguments are many words": 'set -- -rf /data; rm "$@"',
    "a default is assigned": "X=; : ${X:=/data}; rm -rf $X",
    "an index in a variable": "x='a[$(rm -rf /data)]'; echo $((x))",
    "an index from a file": "read x < f; echo $((x))",
    "an index out of two": "x='b[$(rm'; y=' -rf /data)]'; (( $x$y ))",
    "an index to test": "[[ -v 'a[$(rm -rf /data)]' ]]",
    "an index to unset": "unset 'a[$(rm -rf /data)]'",
    "a value for a prompt": "x='$(rm -rf /data)'; echo ${x@P}",
    "backquotes in a heredoc": "cat <<E\n`rm -rf /data`\nE",
    "backquotes in backquotes in a heredoc": "cat <<E\n`echo \\`rm -rf /data\\``\nE",
    "backquotes in an expansion": "echo ${X:+`rm -rf /data`}",
    "a line that begins with a backslash": "ls -la\n\\rm -rf /data",
    "such a line in a string's substitution": 'echo "$(\nls -la\n\\rm -rf /data\n)"',
    "the output of a function": "f() { ls; } > /data/x; f",
    "a tilde after an equals sign": "dd if=x of=~/.ssh/authorized_keys",
    "a bracket glob in pieces": "rm -rf .[!.]*",
    "no name of a variable": "ls -f\n?X=y",
    "pushd with its output elsewhere may fail": "cd /data; pushd /tmp/a > /dev/null; rm -f one",
}
HELD |= {
    "the name of a file, reckoned with": "for f in *; do x=$f; echo $((x + 1)); done",
    "the name of a file that find finds": "find d -exec sh -c 'x=$1; echo $((x + 1))' sh {} \\;",
    "such a name without a variable between": "find * -exec sh -c 'echo $(($1 + 1))' sh {} +",
    "a part of such a name": "find d -exec sh -c 'for f; do b=${f#./}; echo $((b)); done' sh {} +",
    "an argument of a script that reckons": "x=$1; echo $((x + 1))",
    "such an argument that is given": "sh -c 'x=$1; echo $((x + 1))' sh 'a[$(rm -rf /data)]'",
    "such an argument from a list": "cat f | xargs sh -c 'x=$1; echo $((x + 1))' sh",
    "an argument of a function": "f() { echo $(($1 + 1)); }; f *",
    "the name of a file, for a place of a list": "for f in *; do echo ${a[$f]}; done",
    "a line, for a place of a list": "read x; echo ${a[$x]}",
    "the name of a file, unset": 'for f in *; do unset "$f"; done',
    "the name of a file, tested": 'for f in *; do test -v "$f"; done',
    "the name of a file, for a name": "for f in *; do echo ${!f}; done",
}
FOLLOWED = {
    "a trap that removes what it made": 'd=$(mktemp -d); trap \'rm -rf "$d"\' EXIT; cp x "$d"/',
    "numbers": "n=$(wc -l < x); echo $((n + 1))",
    "counting": "i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done",
    "arguments of a function": 'f() { ls "$@"; }; f a b',
    "a heredoc with a harmless command": "cat <<E > notes\n`date`\nE",
    "a heredoc that is taken as it stands": "cat <<'E' > notes\n`rm -rf /data`\nE",
    "a line that goes on": "ls -la \\\n  src",
    "the places of a list": 'for i in "${!a[@]}"; do echo "${a[$i]}"; done',
    "a place that was counted": "i=0; echo ${a[$((i + 1))]}",
    "a list with names": "declare -A m; while read k; do echo ${m[$k]}; done",
    "no argument to reckon with": "sh -c 'x=$1; echo $((x + 1))'",
    "awk that sorts": "awk '{print $1 | \"sort -u\"}' f",
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_set_up_for_later_or_hidden_is_held(name):
    found = judge_shell(HELD[name])
    assert found.verdict is not Verdict.ALLOW
    assert all(reason.rule != "defect" for reason in found.reasons)


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_is_plain_stays_allowed(name):
    assert judge_shell(FOLLOWED[name]).reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        "ls > a",
        "cat <<E > a\nx\nE",
        "x 2>&1 | y",
        "exec 3>&-",
        "cat <<< x",
        "time sort a > b",
        "{ a; } > b; (c) >> d",
    ],
)
def test_both_parsers_see_the_same_redirections(text):
    assert agrees(text.encode())


def test_a_line_that_one_parser_joins_to_the_line_before_is_no_agreement():
    assert not agrees(b"ls -la\n\\rm -rf /data")
    assert not agrees(b"ls -la\n\\ls > /data/x")


def test_what_holds_a_protected_place_is_protected_even_below_scratch():
    places = Places(own=("/tmp/base/kept",), directory="/tmp/base/work")
    assert places.below("..") is Place.PROTECTED
    assert judge_shell("find .. -delete", places).verdict is Verdict.REVIEW
    assert judge_shell("find . -delete", places).verdict is Verdict.ALLOW


def test_gits_hooks_and_settings_are_doors_wherever_a_tree_is():
    for path in (".git/hooks/pre-commit", "/tmp/x/../../home/a/src/.git/config"):
        assert judge_shell(f"cp x {path}").verdict is Verdict.REVIEW
    assert judge_shell("cp x .github/workflows.md").verdict is Verdict.ALLOW
