"""What the reader of YAML refuses, in which words: a file → its problems, by both parsers of PyYAML."""

# ruff: noqa: ISC004 - each message stands as a user reads it

from typing import Any

import pytest
import yaml

from drkit.core.configuration.composing import compose

PARSERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]

REFUSED = {
    "yes and no": (
        "a: no\nb: Yes\nc: [on, OFF, y, N]\n",
        [
            "f:1:4: no is false in YAML 1.1 and text in YAML 1.2: write 'no' in quotes, or false",
            "f:2:4: Yes is true in YAML 1.1 and text in YAML 1.2: write 'Yes' in quotes, or true",
            "f:3:5: on is true in YAML 1.1 and text in YAML 1.2: write 'on' in quotes, or true",
            "f:3:9: OFF is false in YAML 1.1 and text in YAML 1.2: write 'OFF' in quotes, or false",
            "f:3:14: y is true in YAML 1.1 and text in YAML 1.2: write 'y' in quotes, or true",
            "f:3:17: N is false in YAML 1.1 and text in YAML 1.2: write 'N' in quotes, or false",
        ],
    ),
    "yes and no as keys": (
        "on: 1\n",
        ["f:1:1: on is true in YAML 1.1 and text in YAML 1.2: write 'on' in quotes, or true"],
    ),
    "numbers to base 60": (
        "a: 22:00\nb: 190:20:30\nc: 09:30\nd: -1:30\ne: 1:30.5\n",
        [
            "f:1:4: 22:00 is the number 1320 in YAML 1.1 and text in YAML 1.2: write '22:00' in quotes",
            "f:2:4: 190:20:30 is the number 685230 in YAML 1.1 and text in YAML 1.2: write '190:20:30' in quotes",
            "f:3:4: 09:30 is the number 570 in YAML 1.1 and text in YAML 1.2: write '09:30' in quotes",
            "f:4:4: -1:30 is the number -90 in YAML 1.1 and text in YAML 1.2: write '-1:30' in quotes",
            "f:5:4: 1:30.5 is a number to base 60 in YAML 1.1 and text in YAML 1.2: write '1:30.5' in quotes",
        ],
    ),
    "octal, hexadecimal and binary numbers": (
        "a: -010\nb: 089\nc: 0o10\nd: 0b1\ne: -0x1F\nf: 0x1_F\n",
        [
            "f:1:4: -010 is the number -8 in YAML 1.1 and the number -10 in YAML 1.2: "
            "write '-010' in quotes, or the number without the leading zero",
            "f:2:4: 089 is text in YAML 1.1 and the number 89 in YAML 1.2: "
            "write '089' in quotes, or the number without the leading zero",
            "f:3:4: 0o10 is text in YAML 1.1 and the number 8 in YAML 1.2: "
            "write '0o10' in quotes, or the decimal number",
            "f:4:4: 0b1 is a binary number in YAML 1.1 and text in YAML 1.2: "
            "write '0b1' in quotes, or the decimal number",
            "f:5:4: -0x1F is a number in YAML 1.1 and text in YAML 1.2: "
            "write '-0x1F' in quotes, or the decimal number",
            "f:6:4: 0x1_F is a number in YAML 1.1 and text in YAML 1.2: "
            "write '0x1_F' in quotes, or the number without '_'",
        ],
    ),
    "underscores, exponents and bare fractions": (
        "a: 1_000\nb: 1e3\nc: 12e4567\nd: -.5\n",
        [
            "f:1:4: 1_000 is a number in YAML 1.1 and text in YAML 1.2: "
            "write '1_000' in quotes, or the number without '_'",
            "f:2:4: 1e3 is text in YAML 1.1 and a number in YAML 1.2: "
            "write '1e3' in quotes, or the number without an exponent",
            "f:3:4: 12e4567 is text in YAML 1.1 and a number in YAML 1.2: "
            "write '12e4567' in quotes, or the number without an exponent",
            "f:4:4: -.5 is a number to some programs and text to others: write '-.5' in quotes, or a 0 before the point",
        ],
    ),
    "dates and times": (
        "a: 2026-11-22\nb: 2026-11-22T10:00:00Z\nc: 2026-11-22 10:00:00 +8\n",
        [
            "f:1:4: 2026-11-22 is a date in YAML 1.1 and text in YAML 1.2: write '2026-11-22' in quotes",
            "f:2:4: 2026-11-22T10:00:00Z is a time in YAML 1.1 and text in YAML 1.2: "
            "write '2026-11-22T10:00:00Z' in quotes",
            "f:3:4: 2026-11-22 10:00:00 +8 is a time in YAML 1.1 and text in YAML 1.2: "
            "write '2026-11-22 10:00:00 +8' in quotes",
        ],
    ),
    "numbers that are not exact or not finite": (
        "a: .inf\nb: .NaN\nc: 12345678901234567890\nd: 9007199254740993\ne: 1.0e+400\nf: 0xFFFFFFFFFFFFFFFF\n",
        [
            "f:1:4: .inf is not a finite number: leave the field out, or write '.inf' in quotes",
            "f:2:4: .NaN is not a finite number: leave the field out, or write '.NaN' in quotes",
            "f:3:4: 12345678901234567890 is beyond 2^53 and loses digits in other programs: "
            "write '12345678901234567890' in quotes",
            "f:4:4: 9007199254740993 is beyond 2^53 and loses digits in other programs: "
            "write '9007199254740993' in quotes",
            "f:5:4: 1.0e+400 is beyond 2^53 and loses digits in other programs: write '1.0e+400' in quotes",
            "f:6:4: 0xFFFFFFFFFFFFFFFF is beyond 2^53 and loses digits in other programs: "
            "write '0xFFFFFFFFFFFFFFFF' in quotes",
        ],
    ),
    "the types merge and value of YAML 1.1": (
        "a: =\nb:\n  <<: {c: 1}\n",
        [
            "f:1:4: = has a meaning of its own in YAML 1.1: write '=' in quotes",
            "f:3:3: << merges mappings in YAML 1.1: write the keys out, or '<<' in quotes",
        ],
    ),
    "anchors, aliases and tags": (
        "a: &base {x: 1}\nb: *base\nc: !!python/object/apply:os.system [ls]\nd: !!str 5\ne: !mine x\nf: ! x\n",
        [
            "f:1:4: anchor '&base' is not read: write the value out wherever it is needed",
            "f:2:4: alias '*base' is not read: write the value out here",
            "f:3:4: tag '!!python/object/apply:os.system' is not read: remove it, a file holds plain data only",
            "f:4:4: tag '!!str' is not read: remove it, a file holds plain data only",
            "f:5:4: tag '!mine' is not read: remove it, a file holds plain data only",
            "f:6:4: tag '!' is not read: remove it, a file holds plain data only",
        ],
    ),
    "keys that are twice there or no text": (
        "a: 1\n5: x\ntrue: x\n? [1]\n: x\na: 2\n? {b: 1}\n: x\n",
        [
            "f:2:1: a key must be text, found the number 5: put it in quotes",
            "f:3:1: a key must be text, found true: put it in quotes",
            "f:4:3: a key must be text, found a list",
            "f:6:1: duplicate key 'a', first on line 1: keep one",
            "f:7:3: a key must be text, found a mapping",
        ],
    ),
    "a key that is not there": ("?\n: x\n", ["f:1:2: a key is missing before ':'"]),
    "an empty file": ("", ["f:1:1: the file is empty"]),
    "a file of comments": ("# later\n", ["f:1:1: the file is empty"]),
    "a document of nothing": ("---\n", ["f:1:1: the file is empty"]),
    "two documents": ("a: no\n---\nb: 1\n", [
        "f:1:4: no is false in YAML 1.1 and text in YAML 1.2: write 'no' in quotes, or false",
        "f:2:1: a second document begins here: put it in a file of its own",
    ]),
    "directives": ("# x\n%YAML 1.1\n---\na: 1\n", ["f:2:1: directives are not read: remove this line"]),
    "unknown directives": ("%FOO\n---\na: 1\n", ["f:1:1: directives are not read: remove this line"]),
    "too deep": ("[" * 65 + "]" * 65, ["f:1:65: nested deeper than 64 levels: make the file flatter"]),
    "too much": ("- a\n" * 100_000, ["f:100000:3: more than 100,000 values: split the file"]),
    "too large": ("#" * 1_048_577, ["f: the file has 1,048,577 bytes, at most 1,048,576 are read: split it"]),
    "not UTF-8": (b"a: 1\nb: \xc3\xa9\xff\n", [
        "f:2:5: not UTF-8: byte 0xff at offset 10: save the file as UTF-8"
    ]),
    "UTF-16": ("a: 1\n".encode("utf-16"), ["f:1:1: the file is UTF-16: save it as UTF-8"]),
    "what does not show": (
        "a: x\x00\nb: \x1b[31m\nc: a\u202eb\nd: \ufeff\ne: \x85\n",
        [
            "f:1:5: the character U+0000 is not allowed, it does not show: remove it",
            "f:2:4: the character U+001B is not allowed, it does not show: remove it",
            "f:3:5: the character U+202E is not allowed, it does not show: remove it",
            "f:4:4: the character U+FEFF is not allowed, it does not show: remove it",
            "f:5:4: the character U+0085 is not allowed, it does not show: remove it",
        ],
    ),
    "what does not show, by escape": (
        'a: "\\0"\nb: "\\e[31m"\n"\\u202e": x\n',
        [
            "f:1:4: the character U+0000 is not allowed, it does not show: remove it",
            "f:2:4: the character U+001B is not allowed, it does not show: remove it",
            "f:3:1: the character U+202E is not allowed, it does not show: remove it",
        ],
    ),
    "half a character": ('a: "\\ud83d"\n', [
        "f:1:4: this escape does not exist: in double quotes write \\\\ for a backslash, or use single quotes"
    ]),
    "an unknown escape": ('a: "C:\\qux"\n', [
        "f:1:4: this escape does not exist: in double quotes write \\\\ for a backslash, or use single quotes"
    ]),
    "a tab before a list": ("a:\n\t- b\n", ["f:2:1: a tab indents this line: YAML takes spaces only"]),
    "a tab after spaces": ("a:\n  \tb: 1\n", ["f:2:3: a tab indents this line: YAML takes spaces only"]),
    "a tab within brackets": ("a: [\n\tx]\n", ["f:2:1: a tab indents this line: YAML takes spaces only"]),
    "a tab after a value": ("a: b\t# why\n", ["f:1:5: a tab stands here: write spaces, or put the text in quotes"]),
    "a tab after a colon": ("a:\tb\n", ["f:1:3: a tab stands here: write spaces, or put the text in quotes"]),
    "a tab in plain text": ("a: b\tc\n", ["f:1:5: a tab stands here: write spaces, or put the text in quotes"]),
    "a tab in an empty line": ("a: b\n\t\nc: d\n", ["f:2:1: a tab indents this line: YAML takes spaces only"]),
    "two colons": ("a: b: c\n", [
        "f:1:5: ':' is not expected here: put text that contains ': ' in quotes, or check the indentation"
    ]),
    "an open quote": ("a: 'x\nb: y\n", ["f:1:4: this quote is never closed"]),
    "an open quote before a document": ("a: 'x\n---\n", ["f:1:4: this quote is never closed"]),
    "an open bracket": ("a: [1, 2\nb: 3\n", ["f:2:2: a ',' or the closing ']' is missing for the '[' on line 1"]),
    "an open brace": ("a: {x: 1\nb: 3\n", ["f:2:2: a ',' or the closing '}' is missing for the '{' on line 1"]),
    "a bracket at the end": ("- [\n", ["f:2:1: a value or a closing bracket is missing"]),
    "a closing bracket alone": ("a: ]\n", ["f:1:4: ']' is not expected here: put the text in quotes"]),
    "wrong indentation": ("a:\n  b: 1\n c: 2\n", [
        "f:3:2: this line does not fit the mapping around it: check the indentation"
    ]),
    "a key below a list": ("- a\nb: 1\n", [
        "f:2:1: this line does not fit the list around it: check the indentation"
    ]),
    "text after a quote": ("a: 'x' y\n", [
        "f:1:8: nothing may follow here: put the whole text in quotes, or begin a new line"
    ]),
    "a key without a colon": ("a: 1\nb\nc: 2\n", ["f:2:1: a ':' is missing after this key"]),
    "a reserved character": ("a: @x\n", ["f:1:4: '@' cannot begin a value: put the text in quotes"]),
    "a list item in a line": ("a: - b\n", [
        "f:1:4: '-' is not expected here: a list item begins on a line of its own"
    ]),
    "a question mark": ("a: ? b\n", ["f:1:4: '?' is not expected here: put text that begins with it in quotes"]),
    "an asterisk": ("a: *.log\n", ["f:1:5: '*' begins an alias: put text that begins with it in quotes"]),
    "an ampersand": ("a: & b\n", ["f:1:5: '&' begins an anchor: put text that begins with it in quotes"]),
    "an exclamation mark": ("a: !e!x b\n", ["f:1:4: '!' begins a tag: put text that begins with it in quotes"]),
    "text after a bar": ("a: |x\n b\n", [
        "f:1:5: after '|' or '>' nothing but the text in the lines below may stand"
    ]),
    "what was wrong before a syntax error": ("a: no\na: 1\nb: [\n", [
        "f:1:4: no is false in YAML 1.1 and text in YAML 1.2: write 'no' in quotes, or false",
        "f:2:1: duplicate key 'a', first on line 1: keep one",
        "f:4:1: a value or a closing bracket is missing",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize(("content", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_place_and_a_way_out(content: str | bytes, expected: list[str], parser: Any) -> None:
    if parser is yaml.SafeLoader and len(content) > 100_000:
        pytest.skip("the pure parser needs seconds here")
    content = content if isinstance(content, bytes) else content.encode()
    _, problems = compose(content, "f", parser=parser)
    assert [str(problem) for problem in problems] == expected


READ = {
    "a: text": {"a": "text"},
    "a: [null, ~, Null, ]": {"a": [None, None, None]},
    "a:": {"a": None},
    "a: [true, False, TRUE]": {"a": [True, False, True]},
    "a: [0, -1, +5, 100000000001, 9007199254740992]": {"a": [0, -1, 5, 100_000_000_001, 2**53]},
    "a: [0x1F, 1.5, 1., .5, 1.0e+3, -2.5e-1]": {"a": [31, 1.5, 1.0, 0.5, 1000.0, -0.25]},
    "a: ['no', \"22:00\", '010', '5', 'null', '']": {"a": ["no", "22:00", "010", "5", "null", ""]},
    "a: [25h, 10.0.0.1, 1.2.3, 127.0.0.1:80, fe80::1, 8080:80, ap-beijing]": {
        "a": ["25h", "10.0.0.1", "1.2.3", "127.0.0.1:80", "fe80::1", "8080:80", "ap-beijing"]
    },
    "a: [nO, oN, -, +, ., .., 0x, 1e, 12h, 2026-11]": {
        "a": ["nO", "oN", "-", "+", ".", "..", "0x", "1e", "12h", "2026-11"]
    },
    "a: |\n  no\n  22:00\n\tx": None,
    "a: |\n  no\n   \tx\n": {"a": "no\n \tx\n"},
    "\ufeffa: 1": {"a": 1},
    "a: 北京 😀\r\nb: 2\r\n": {"a": "北京 😀", "b": 2},
    "a: 'b\tc' #\tx\n#\ty\n": {"a": "b\tc"},
    "'<<': 1\n'no': 2\n'5': 3\n": {"<<": 1, "no": 2, "5": 3},
    "- a: 1\n  b: [x, {c: d}]\n": [{"a": 1, "b": ["x", {"c": "d"}]}],
    "[" * 64 + "]" * 64: "deep",
}


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize(("content", "expected"), READ.items())
def test_plain_data_is_read_by_yaml_1_2(content: str, expected: Any, parser: Any) -> None:
    document, problems = compose(content.encode(), "f", parser=parser)
    if expected is None:
        assert problems
        return
    assert document
    assert problems == []
    plain = document.root.plain()
    if expected == "deep":
        assert str(plain) == "[" * 64 + "]" * 64
    else:
        assert plain == expected
        # 1 == True == 1.0, so types are held apart.
        assert repr(plain) == repr(expected)
