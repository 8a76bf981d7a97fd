"""Scripts of sed, a letter of which writes files or runs commands; and how sed and awk are given their texts."""

from __future__ import annotations

from drkit.gate.classify import effects
from drkit.gate.classify.calls import Call
from drkit.gate.classify.markers import literal, shown, unknown


class _WrongError(Exception):
    """The script is not as sed's manual says."""


class Sed:
    """Reads one sed script (GNU sed manual, 3), to see what it writes and runs.

    Args:
        text: the script.
    """

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.writes: list[str] = []
        self.runs = False

    def read(self) -> None:
        """Go through it.

        Raises:
            _WrongError: it cannot be read.
        """
        while self._skip("; \t\n}"):
            self._address()
            self._skip(" \t!")
            if self.at >= len(self.text):
                raise _WrongError
            self._command()

    def _skip(self, letters: str) -> bool:
        while self.at < len(self.text) and self.text[self.at] in letters:
            self.at += 1
        return self.at < len(self.text)

    def _address(self) -> None:
        for _ in range(2):
            self._skip(" \t")
            letter = self.text[self.at : self.at + 1]
            if letter == "/":
                self._delimited("/")
                self._skip("IM")
            elif letter == "\\":
                self.at += 1
                self._delimited(self.text[self.at : self.at + 1])
                self._skip("IM")
            else:
                self._skip("0123456789$~+")
            self._skip(" \t")
            if self.text[self.at : self.at + 1] != ",":
                return
            self.at += 1

    def _delimited(self, mark: str) -> None:
        """From one delimiter past the next."""
        if not mark or mark in "\n\\":
            raise _WrongError
        inside = False
        self.at += 1
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 2 if letter == "\\" else 1
            if letter == "[" and not inside:
                inside = "]" in self.text[self.at + 1 :]
            elif letter == "]":
                inside = False
            elif letter == mark and (not inside or mark != "/"):
                return
            elif letter == mark:
                return  # a bracket keeps a delimiter in GNU sed only in the middle of a class
        raise _WrongError

    def _line(self) -> str:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        line, self.at = self.text[self.at : end], end
        return line.strip()

    def _command(self) -> None:
        letter = self.text[self.at]
        self.at += 1
        if letter in "{}=dDgGhHnNpPxzF":
            return
        if letter in "sy":
            self._substitution(letter)
        elif letter in "wW":
            self.writes.append(self._line())
        elif letter == "e":
            self.runs = True
            self._line()
        elif letter in "aic":
            while self._line().endswith("\\") and self.at < len(self.text):
                self.at += 1
        elif letter in ":btTrRqQlLv#":
            self._rest(letter)
        else:
            raise _WrongError

    def _rest(self, letter: str) -> None:
        if letter in "rR#":
            self._line()
            return
        while self.at < len(self.text) and self.text[self.at] not in ";\n}":
            self.at += 1

    def _substitution(self, letter: str) -> None:
        mark = self.text[self.at : self.at + 1]
        self._delimited(mark)
        self.at -= 1
        self._delimited(mark)
        if letter == "y":
            return
        while self.at < len(self.text) and self.text[self.at] in "gpiImMe0123456789w":
            flag = self.text[self.at]
            self.at += 1
            if flag == "e":
                self.runs = True
            elif flag == "w":
                self.writes.append(self._line())
        if self.at < len(self.text) and self.text[self.at] not in "; \t\n}#":
            raise _WrongError


def sed(call: Call, text: str) -> None:
    """A sed script: ``w`` writes, ``e`` runs."""
    if not literal(text) and unknown(text):
        call.review("opaque", f"{call.name}: a part of its script is only known when it runs, and may be a command: "
                    f"{shown(text)[:60]}")  # fmt: skip
        return
    script = Sed(text)
    try:
        script.read()
    except _WrongError:
        call.review("opaque", f"{call.name}: its script cannot be read")
        return
    if script.runs:
        call.review("opaque", f"{call.name}: its script runs commands")
    for path in script.writes:
        if path not in ("/dev/stdout", "/dev/stderr"):
            effects.write(call.context, path, call.state, call.at)


def edited(call: Call, record: dict[str, object]) -> tuple[str, ...]:
    """sed: the script is the first operand unless an option gave one; with ``-i`` files are overwritten."""
    from drkit.gate.classify import options, records, roles

    parsed = options.parse(record, call.arguments)
    records.flags(call, record, parsed)
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    words = parsed.operands
    if not parsed.has("e", "expression", "f", "file") and words:
        roles.one(call, "sed", words[0])
        words = words[1:]
    for word in words:
        roles.one(call, "write" if parsed.has("i", "in-place") else "read", word)
    return ("\udc00",)


def computed(call: Call, record: dict[str, object]) -> tuple[str, ...]:
    """awk: the program is the first operand unless an option gave one."""
    from drkit.gate.classify import options, records, roles

    parsed = options.parse(record | {"stops": True}, call.arguments)
    records.flags(call, record, parsed)
    if parsed.unclear:
        call.review("opaque", f"{call.name}: an argument that may be any option: {shown(parsed.unclear[0])}")
    words = parsed.operands
    if not parsed.has("f", "file", "e", "source", "E", "exec") and words:
        roles.one(call, "awk", words[0])
        words = words[1:]
    for word in words:
        roles.one(call, "read", word)
    return ("\udc00",)
