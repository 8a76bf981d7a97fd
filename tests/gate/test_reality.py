"""Random scripts that were allowed are run in a scratch directory: what is protected stays as it was."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from pathlib import Path

from drkit.gate.classify.places import Places
from drkit.gate.classify.shell import judge_shell
from drkit.gate.verdict import Verdict

SCRIPTS = 20_000 if os.environ.get("DRKIT_SOAK") == "1" else 1_500
PATHS = [
    "a", "b", "sub", "sub/c", "*", "*.txt", "./a", "../kept", "../kept/one", "../kept/*", "../k*", "../*", "..", ".",
    "BASE/kept", "BASE/kept/deep", "BASE/work/a", "BASE/work", "BASE/k?pt/one", "BASE/work/../kept/one", "$X", '"$X"',
    "${X}/one", "$Y", '"$Y/$X"', "$(echo ../kept/one)", "`echo b`", "{a,b}", "../{kept,x}/one", "link", "link/one",
    "$PWD/a", "${X%one}", "${Y:-../kept}", "~/none", "'../kept'/one", "$'../kep\\x74/one'", "../ke\\pt", "$1", "sub/../../kept/one",
]  # fmt: skip
COMMANDS = [
    "rm -rf {0}", "rm {0}", "mv {0} {1}", "cp {0} {1}", "cp -r {0} {1}", "> {0}", "echo x > {0}", "echo y >> {0}",
    "truncate -s 0 {0}", "tee {0} < b", "ln -sf {0} {1}", "ln -s {0} link", "ln {0} hard", "dd if=/dev/null of={0}",
    "find {0} -delete", "find {0} -name 'o*' -delete", "find {0} -type f -exec rm {{}} +", "sed -i 's/x/y/' {0}",
    "cd {0}", "cd {0} && rm -f one", "X={0}", "Y={0}", "X=$Y", "unset X", "for X in {0} {1}; do rm -f $X; done",
    "for f in {0}; do echo x > $f; done", "eval 'rm -f {0}'", "sh -c 'rm -f {0}'", "bash -c 'rm -f \"$0\"' {0}", "touch {0}",
    'f() {{ rm -rf "$1"; }}; f {0}', "echo {0} | xargs rm -f", "printf '%s\\0' {0} | xargs -0 rm -f", "mkdir -p {0}",
    "tar cf {0} b", "tar cf x.tar {0} --remove-files", "tar xf x.tar -C {0}", "sort -o {0} b", "gzip -f {0}", "chmod 000 {0}",
    "(cd {0}; rm -f one)", "pushd {0} > /dev/null; rm -f one; popd", "[ -e a ] && X={0}", "false && X={0}", "true || X={0}",
    "if [ -d sub ]; then Y={0}; else Y={1}; fi", "while read X; do rm -f $X; done < b", "rsync -a --delete sub/ {0}",
    "alias q='rm -rf'; q {0}", "trap 'rm -f {0}' EXIT", "cat b | sh", "exec > {0}", "cat <<E > {0}\nx\nE", "split b {0}",
    "awk '{{print > \"{0}\"}}' b", "sed 'w {0}' b", "install b {0}", "shred -u {0}", "set -- {0}; rm -f $1", "git init -q {0}",
    "cp b {0} && rm -f $_", "IFS=x; rm -f $X", "cat {0}", "ls -l {0}", "wc -l < {0}", 'read X < b; rm -f "$X"', "diff {0} {1}",
    "find . -name a -exec cp b {0} \\;", "env X={0} sh -c 'rm -f $X'", "timeout 1 rm -f {0}", "command rm -f {0}", "pwd > /dev/null",
    "d=$(mktemp -d); cp b $d/; rm -rf $d", "X=${{X:-{0}}}", "X=${{Y/kept/a}}", "X+={0}", "case $X in a*) rm -f $X;; esac", "source b",
    "trap 'rm -rf $X' EXIT", "cd {0} > /dev/null; rm -f one", "pushd {0} > /dev/null; rm -f one", "X={0} &", "cd {0} & rm -f one",
    ": ${{X:={0}}}", "X=; : ${{X:={0}}}; rm -rf $X", "shift; rm -f $1", "set -- a {0}; shift; rm -f $1", 'set -- -f {0}; rm "$@"',
    "f() {{ echo x; }} > {0}; f", "cat <<E > x\n`rm -f {0}`\nE", "ls a\n\\rm -f {0}", "awk '{{print | \"cat > {0}\"}}' b", "rsync -an --delete sub/ {0}",
    "trap 'X={0}' DEBUG", "Y=a; trap 'rm -rf $Y' EXIT; Y={0}", "while [ $# -gt 0 ]; do rm -f $1; shift; done", "cp -r {0}/. {1}",
]  # fmt: skip


def script(choose: random.Random, base: Path) -> str:
    lines = [
        choose.choice(COMMANDS).format(choose.choice(PATHS), choose.choice(PATHS))
        for _ in range(choose.randrange(1, 5))
    ]
    return (
        choose.choice(["\n", "\n", "; ", " && "] if not any("\n" in line for line in lines) else ["\n"])
        .join(lines)
        .replace("BASE", str(base))
    )


def fill(base: Path) -> None:
    shutil.rmtree(base, ignore_errors=True)
    for name in ("kept/one", "kept/two", "kept/deep/three", "work/a", "work/b", "work/sub/c", "work/n.txt"):
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}\n" * 3)
    (base / "work/b").write_text("BASE/kept/one\n".replace("BASE", str(base)))


def state(base: Path) -> dict[str, str]:
    """Whatever is protected: each file's bytes and mode."""
    return {
        str(path.relative_to(base)): f"{path.stat().st_mode:o} "
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "directory")
        for path in sorted((base / "kept").rglob("*"))
    }


def test_no_script_that_was_allowed_touches_what_is_protected(tmp_path):
    base = tmp_path / "1/2/3/base"  # deep enough for every `..` that a script can come to
    choose = random.Random(20260301 if SCRIPTS < 2_000 else None)
    places = Places(own=(str(base / "kept"),), directory=str(base / "work"))
    fill(base)
    before, run = state(base), 0
    (tmp_path / "home").mkdir()
    for _ in range(SCRIPTS):
        text = script(choose, base)
        if judge_shell(text, places).verdict is not Verdict.ALLOW:
            continue
        run += 1
        subprocess.run(
            ["/bin/bash", "--norc", "-c", text],
            cwd=base / "work",
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
        now = state(base)
        assert {path: now.get(path) for path in before} == before, text
        fill(base)
    assert run > SCRIPTS // 20, "too few scripts were allowed for this to show anything"
