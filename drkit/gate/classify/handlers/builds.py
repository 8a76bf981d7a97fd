"""Build tools and package tools of languages: everyday work in a tree, of which the gate does not read the recipes."""

from __future__ import annotations

import re

from drkit.gate.classify.calls import UNKNOWN_OUTPUT, Call
from drkit.gate.classify.markers import HOLES, shown
from drkit.gate.classify.options import Record
from drkit.gate.classify.places import Place
from drkit.gate.classify.state import Values

# Options with which the tree is another one, or with which a text on the line is run.
ELSEWHERE = re.compile(
    r"-f|-c|--file(=.*)?|--makefile(=.*)?|-C.*|--directory(=.*)?|-I.*|--include-dir.*|--eval(=.*)?|--prefix(=.*)?|"
    r"--init-script(=.*)?|-I=.*|--plugin(=.*)?|--config-file.*|--rootdir.*|-Dexec.*|-E|-P|--script-shell.*"
)
PATHS = frozenset(
    (
        "-C",
        "--directory",
        "--prefix",
        "--target",
        "-t",
        "--root",
        "-o",
        "--output",
        "--out-dir",
        "--install-dir",
        "-d",
    )
)
INPUTS = (
    "-f",
    "--file",
    "--makefile",
    "-C",
    "--directory",
    "-c",
    "-I",
    "--include",
    "--init",
    "--config",
    "--rootdir",
    "--plugin",
)
RUNNING = frozenset(
    [
        "exec",
        "dlx",
        "x",
        "run-script-none",
        "publish",
        "unpublish",
        "deprecate",
        "owner",
        "access",
        "token",
        "adduser",
        "login",
        "logout",
        "dist-tag",
        "hook",
        "uninstall-none",
        "link-none",
        "explore",
        "edit",
        "config",
        "set",
        "yank",
        "purge-none",
        "eval",
        "repl",
        "shell",
        "tool-none",
    ]
)
ASSIGNED = re.compile(
    r"(SHELL|MAKEFLAGS|MAKE|CC|CXX|CXXFLAGS|LD|AR|RM|\w*_?CMD|COMMAND|EXEC|DESTDIR|PREFIX|prefix|INSTALL\w*)[:+?]?=.*"
)
INSTALLERS = frozenset(("pip", "pip3", "npm", "pnpm", "yarn"))
DESTRUCTIVE = re.compile(
    r"(dist|real)?-?(clean|purge|destroy|drop|wipe|nuke|reset|deploy|release|publish|uninstall|delete|prune|teardown)\b.*"
)
MILD_CLEAN = re.compile(r"(dist|mr)?clean|clean(-\w+)?")


# Options with which a tool runs a program that the line names, or takes a plug-in from where it says.
_COMPILERS = re.compile(r"-wrapper|-fplugin.*|-{1,2}specs.*|-Xclang|-load|-B(?!/usr).*|@.*")
_TEX = re.compile(r"-{1,2}(shell-escape|enable-write18)")
ORDERS = {
    "go": re.compile(r"-{1,2}(exec|toolexec|vettool|modfile|overlay)(=.*)?|-w"),
    "cargo": re.compile(r"--config(=.*)?"),
    "cmake": re.compile(r"-P"),
    "javac": re.compile(r"-J.*|-{1,2}processor-?path.*"),
    "make": re.compile(r"-f-|--(make)?file=-|\.SHELLFLAGS.*"),
    "pandoc": re.compile(r"-F.*|--filter.*|-L.*|--lua-filter.*|--pdf-engine.*"),
    "bun": re.compile(r"-e|-p|--eval|--print|x"),
    "deno": re.compile(r"eval|repl|-A|--allow-(run|all|ffi|write).*"),
    "pytest": re.compile(r"-p"),
    "rustc": re.compile(r"-Clinker.*|-C|--codegen"),
    **dict.fromkeys(("gcc", "g++", "cc", "c++", "clang", "clang++", "ld"), _COMPILERS),
    **dict.fromkeys(("pdflatex", "xelatex", "latexmk"), _TEX),
}
ORDERS["gmake"] = ORDERS["make"]
# Their word runs any program.
RUNNERS = {
    "poetry": "run", "pipenv": "run", "uv": "run", "pdm": "run", "hatch": "run", "conda": "run", "mamba": "run",
    "micromamba": "run", "bundle": "exec", "pnpm": "exec", "yarn": "exec", "tox": "exec", "rbenv": "exec",
    "stack": "exec", "cabal": "exec", "opam": "exec", "npm": "exec", "dart": "run", "pixi": "run",
}  # fmt: skip
READING_OPTIONS = ("-I", "-L", "-isystem", "--sysroot", "-W", "-D", "-l", "-B/usr", "--with")
WRITTEN = re.compile(r"(?:-[a-zA-Z]|--?[\w-]+[= ]|\w+=)?(/.*)")


def _protected(call: Call) -> None:
    for word in call.arguments:
        found = WRITTEN.fullmatch(word)
        if found is None or word.startswith(READING_OPTIONS):
            continue
        if call.context.places.of(found.group(1), call.state.directory) >= Place.PROTECTED:
            call.review("build", f"{call.name} {shown(word)}: works in a protected place")


def build(call: Call, _record: Record) -> Values:
    """Allowed, unless the estate, the options, or what the text did before say otherwise."""
    words = call.arguments
    if not call.context.builds:
        call.review(
            "build",
            f"{call.name} runs what the working directory says, and this estate wants that to be read",
        )
    elif call.context.wrote:
        call.review(
            "build", f"{call.name} runs what the working directory says, after the same text wrote files"
        )
    if any(
        place is not None and call.context.places.of(".", (place,)) >= Place.UNKNOWN
        for place in call.state.directory
        if place
    ):
        call.review("build", f"{call.name} runs what a directory says of which nobody knows enough")
    _options(call)
    _protected(call)
    verb = words[0] if words else ""
    if verb == "run" and len(words) > 1:
        if any(call.context.places.of(word, call.state.directory) is Place.SCRATCH for word in words[1:]):
            call.review("build", f"{call.name} run: runs what lies where everybody may write")
        if DESTRUCTIVE.fullmatch(words[1]) and not MILD_CLEAN.fullmatch(words[1]):
            verb = words[1]
    if RUNNERS.get(call.name.rpartition(" ")[2]) == verb and verb:
        rest = words[1:]
        while rest and rest[0][:1] == "-":
            rest = rest[1:]
        return call.argv(rest, call.stdin) if rest else UNKNOWN_OUTPUT
    if verb in RUNNING or (DESTRUCTIVE.fullmatch(verb) and not MILD_CLEAN.fullmatch(verb)):
        call.review("build", f"{call.name} {shown(verb)}: runs something else, publishes, or takes away")
    return UNKNOWN_OUTPUT


def _options(call: Call) -> None:
    """Options with which it is not the tree that says what happens, or another one."""
    words = call.arguments
    orders = ORDERS.get(call.name.rpartition(" ")[2])
    if orders is not None and (given := next((word for word in words if orders.fullmatch(word)), None)):
        call.review("option", f"{call.name} {shown(given)}: runs something that the line names")
    for index, word in enumerate(words):
        if HOLES in word or word.startswith("\udc00"):
            call.review("opaque", f"{call.name}: an argument that may be any option: {shown(word)}")
        elif ASSIGNED.fullmatch(word):
            call.review(
                "option", f"{call.name} {shown(word)}: changes which programs it runs, or where it writes"
            )
        elif word in PATHS or ELSEWHERE.fullmatch(word):
            _elsewhere(call, word, words[index + 1] if index + 1 < len(words) else "")


def _elsewhere(call: Call, option: str, following: str) -> None:
    value = option.partition("=")[2] or (option[2:] if option[:2] == "-C" and len(option) > 2 else following)  # noqa: PLR2004
    if option.startswith(("--eval", "-E", "--script-shell", "--init-script", "-Dexec")):
        if call.name in ("cmake", "gcc", "g++", "cc", "clang", "cpp") and option == "-E":
            if following in (
                "rm",
                "remove",
                "remove_directory",
                "rename",
                "copy",
                "copy_directory",
                "touch",
                "env",
                "time",
            ):
                call.review("option", f"{call.name} -E {following}: changes files")
            return
        if option != "-E" or call.name in ("make", "gmake"):
            call.review("option", f"{call.name} {shown(option)}: runs a text of the line")
        return
    place = call.context.places.of(value, call.state.directory) if value else Place.ORDINARY
    if value == "-" and option.startswith(INPUTS):
        place = Place.UNKNOWN
    if place >= Place.UNKNOWN or (place is Place.SCRATCH and option.startswith(INPUTS)):
        call.review(
            "build",
            f"{call.name} {shown(option)} {shown(value)}: reads or writes in a place of which nobody knows enough",
        )
