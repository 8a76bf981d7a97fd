"""Assignments: what a variable becomes, and those that change what every program does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drkit.gate.classify import effects
from drkit.gate.classify.hidden import indexed
from drkit.gate.classify.markers import HOLE, unknown
from drkit.gate.classify.parsing import Node
from drkit.gate.classify.state import ANYTHING, State, Values

if TYPE_CHECKING:
    from drkit.gate.classify.walking import Walker

# Variables whose value is run, or from which programs take code or settings.
RUN = frozenset(
    [
        "BASH_ENV",
        "ENV",
        "PROMPT_COMMAND",
        "PS0",
        "PS1",
        "PS2",
        "PS4",
        "LD_PRELOAD",
        "LD_AUDIT",
        "LD_LIBRARY_PATH",
        "SHELLOPTS",
        "BASHOPTS",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_EDITOR",
        "GIT_PAGER",
        "GIT_EXTERNAL_DIFF",
        "GIT_PROXY_COMMAND",
        "GIT_ASKPASS",
        "GIT_SEQUENCE_EDITOR",
        "GIT_TEMPLATE_DIR",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_COUNT",
        "GIT_EXEC_PATH",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "MANPAGER",
        "BROWSER",
        "LESSOPEN",
        "LESSCLOSE",
        "SYSTEMD_EDITOR",
        "SYSTEMD_PAGER",
        "SUDO_ASKPASS",
        "SSH_ASKPASS",
        "RSYNC_RSH",
        "CVS_RSH",
        "SVN_SSH",
        "TAR_OPTIONS",
        "GREP_OPTIONS",
        "LESS",
        "LESSEDIT",
        "LESSKEY",
        "LESSKEYIN",
        "LESSKEY_CONTENT",
        "LESSKEYIN_SYSTEM",
        "KUBECTL_EXTERNAL_DIFF",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "MANOPT",
        "PYTHONBREAKPOINT",
        "PYTHONWARNINGS",
        "RUSTC",
        "RUSTC_WRAPPER",
        "GOFLAGS",
        "CC",
        "CXX",
        "NPM_CONFIG_SCRIPT_SHELL",
        "npm_config_script_shell",
        "PIP_INDEX_URL",
        "DOCKER_CONFIG",
        "INPUTRC",
        "TERMINFO",
        "XDG_CONFIG_HOME",
        "BASH_LOADABLES_PATH",
        "GLIBC_TUNABLES",
        "SSH_AUTH_SOCK",
        "AWS_CONFIG_FILE",
        "RSYNC_CONNECT_PROG",
        "PERL5OPT",
        "PERL5LIB",
        "PERL5DB",
        "RUBYOPT",
        "RUBYLIB",
        "NODE_OPTIONS",
        "PYTHONSTARTUP",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONINSPECT",
        "JAVA_TOOL_OPTIONS",
        "_JAVA_OPTIONS",
        "CLASSPATH",
        "MAKEFLAGS",
        "KUBE_EDITOR",
        "SHELL",
        "BASH_FUNC",
        "DOCKER_HOST",
        "ANSIBLE_CONFIG",
        "TF_CLI_ARGS",
        "TF_CLI_CONFIG_FILE",
        "GCONV_PATH",
        "NLSPATH",
        "OPENSSL_CONF",
        "CDPATH",
        "FPATH",
    ]
)
# Programs that people really name in such a variable, and that do nothing but show or edit.
HARMLESS = frozenset(
    [
        "cat",
        "less",
        "more",
        "most",
        "vim",
        "vi",
        "nvim",
        "nano",
        "emacs",
        "true",
        "/bin/true",
        "code",
        "subl",
        "most",
        "bat",
        "delta",
        "/bin/cat",
        "/usr/bin/less",
        "/usr/bin/vim",
        "/usr/bin/nano",
        "/bin/bash",
        "/bin/sh",
        "/usr/bin/zsh",
        "/dev/null",
    ]
)
NAMED = re.compile(r"[A-Za-z_]\w*")
PATH_ENTRY = re.compile(r"/(?!tmp(/|$)|var/tmp|dev/shm|proc)[\w./~-]*")


def assign(walker: Walker, node: Node, state: State, *, before_command: bool = False) -> None:
    """``name=value``, ``name+=value``, ``name[…]=value``; a list is not followed."""
    name_node, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
    name = walker.raw(name_node) if name_node else ""
    expander = walker.expander(state)
    at = walker.at(node)
    if (
        name_node is None
        or not NAMED.fullmatch(name)
        or (value_node is not None and value_node.type == "array")
    ):
        if name_node is None or (name_node.type != "subscript" and not NAMED.fullmatch(name)):
            walker.context.note(
                "construct", f"what '{name}=' does is not known: it is no name of a variable", at
            )
        _visit_list(walker, node, state)
        state.assign(name.partition("[")[0], ANYTHING)
        return
    values = expander.values(value_node, state)
    if any(child.type == "+=" for child in node.children):
        values = tuple(before + after for before in state.value(name) for after in values)
    judge(walker, name, values, at)
    state.assign(name, values)
    del before_command


def _visit_list(walker: Walker, node: Node, state: State) -> None:
    """An index is arithmetic, which runs what stands in it; lists are only looked through."""
    expander = walker.expander(state)
    expander.visit(node)
    name = node.child_by_field_name("name")
    if name is not None and name.type == "subscript":
        expander.reckon(name.named_children[1:], node, state)


def judge(walker: Walker, name: str, values: Values, at: str) -> None:
    """Whether a variable's value changes what programs do."""
    if any(map(indexed, values)):
        walker.context.note("opaque", f"{name} gets a text that runs something once it is reckoned with", at)
    if name == "PATH":
        if not all(map(_usual_path, values)):
            walker.context.note(
                "environment", "PATH decides which programs run: it is not one that is usual", at
            )
    elif name in ("HISTFILE", "HISTSIZE", "HISTFILESIZE") and not all(
        value.isdigit() and value != "0" for value in values
    ):
        walker.context.note("traces", f"{name} decides whether what is typed is recorded", at)
    elif name.startswith("GIT_TRACE"):
        for value in values:
            if value.startswith("/") or unknown(value):
                effects.append(walker.context, value, State(), at)
    elif (name in RUN or name.startswith(("BASH_FUNC_", "GIT_CONFIG_", "TF_CLI_ARGS", "DYLD_"))) and not all(
        value in HARMLESS or not value for value in values
    ):
        walker.context.note(
            "environment", f"{name} makes other programs run something, or take it from elsewhere", at
        )


def _usual_path(value: str) -> bool:
    """Whatever stood there, and absolute directories that not everybody writes to."""
    return (
        all(
            entry in (HOLE, "") and index + 1 <= len(value)
            if unknown(entry) or not entry
            else PATH_ENTRY.fullmatch(entry)
            for index, entry in enumerate(value.split(":"))
        )
        and value.strip(":") == value
    )
