"""What AWS's documents say of requests is what comes out; each case names its page of the IAM User Guide."""

from __future__ import annotations

from typing import Any

import pytest
from deciding import ANN, ROLE, SESSION, aws, decide, may, never

YES, NO, DENIED, OPEN = "allowed", "implicit-deny", "explicit-deny", "unknown"
KEY = "arn:aws:s3:::bucket/key"
BUCKET_OWNER = "111122223333"
OTHER = "444455556666"


def asked(*statements: Any, **more: Any) -> str:
    request = {"dialect": "aws", "principal": ANN, "action": "s3:GetObject", "resource": KEY}
    return decide(**{**request, "policies": [aws(*statements)], **more})


ELEMENTS = [  # reference_policies_elements_*
    ("nothing is allowed by itself", [], {}, NO),
    ("an allow allows", [may("s3:GetObject", KEY)], {}, YES),
    ("a deny wins", [may(), never("s3:*")], {}, DENIED),
    ("the case of an action does not matter", [may("S3:getobject")], {}, YES),
    ("the case of a resource does", [may("*", "arn:aws:s3:::Bucket/key")], {}, NO),
    ("a star in an action", [may("s3:Get*")], {}, YES),
    ("a question mark in an action", [may("s3:Get?bject")], {}, YES),
    ("a question mark is one character", [may("s3:GetObject?")], {}, NO),
    ("another service", [may("ec2:*")], {}, NO),
    (
        "a statement alone, not in a list",
        [],
        {"policies": [{"Version": "2012-10-17", "Statement": may()}]},
        YES,
    ),
    ("a policy alone, not in a list", [], {"policies": aws(may())}, YES),
    ("NotAction allows the rest", [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], {}, YES),
    ("NotAction leaves out", [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], {}, NO),
    (
        "NotResource allows the rest",
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x/*"}],
        {},
        YES,
    ),
    (
        "NotResource leaves out",
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}],
        {},
        NO,
    ),
    ("a deny with NotResource", [may(), {"Effect": "Deny", "Action": "*", "NotResource": KEY}], {}, YES),
    ("a star over slashes", [may("*", "arn:aws:s3:::*")], {}, YES),
    ("a star that ends a segment goes on", [may("*", "arn:aws:s3*")], {}, YES),
    ("a star within a segment does not", [may("*", "arn:aws:s*3::bucket/key")], {}, NO),
    ("a question mark in a resource", [may("*", "arn:aws:s3:::bucket/ke?")], {}, YES),
    (
        "an effect of another case is no effect",
        [{"Effect": "allow", "Action": "*", "Resource": "*"}],
        {},
        OPEN,
    ),
    (
        "an element of another case is not understood",
        [{"effect": "Allow", "Action": "*", "Resource": "*"}],
        {},
        OPEN,
    ),
    (
        "what is not understood, of another action",
        [{"effect": "Allow", "Action": "ec2:*", "Resource": "*"}],
        {},
        NO,
    ),
    ("an element that nobody knows", [may(Extra=1)], {}, OPEN),
    ("and a deny beside it", [may(Extra=1), never()], {}, DENIED),
    ("both Action and NotAction", [may(NotAction="s3:*")], {}, OPEN),
    ("no Resource", [{"Effect": "Allow", "Action": "*"}], {}, OPEN),
    ("a Principal in an identity's policy", [may(Principal="*")], {}, OPEN),
]

VARIABLES = [  # reference_policies_variables
    ("a variable", [may("*", "arn:aws:s3:::bucket/${aws:username}")], {"aws:username": "key"}, YES),
    ("of another value", [may("*", "arn:aws:s3:::bucket/${aws:username}")], {"aws:username": "x"}, NO),
    ("without a value", [may("*", "arn:aws:s3:::bucket/${aws:username}")], {}, NO),
    ("with a default", [may("*", "arn:aws:s3:::bucket/${aws:username, 'key'}")], {}, YES),
    (
        "a default that is not needed",
        [may("*", "arn:aws:s3:::bucket/${aws:username, 'key'}")],
        {"aws:username": "x"},
        NO,
    ),
    ("whose value has a star", [may("*", "arn:aws:s3:::bucket/${aws:username}")], {"aws:username": "*"}, NO),
    (
        "whose name has another case",
        [may("*", "arn:aws:s3:::bucket/${AWS:UserName}")],
        {"aws:username": "key"},
        YES,
    ),
    ("a star as a character", [may("*", "arn:aws:s3:::bucket/${*}")], {}, NO),
    (
        "a key of two values is no variable",
        [may("*", "arn:aws:s3:::bucket/${aws:tag}")],
        {"aws:tag": ["key", "x"]},
        NO,
    ),
]

CONDITIONS = [  # reference_policies_elements_condition_operators
    ("StringEquals", {"k": "a"}, "a", YES),
    ("StringEquals", {"k": "a"}, "A", NO),
    ("StringEquals", {"K": "a"}, "a", YES),
    ("StringEquals", {"k": ["b", "a"]}, "a", YES),
    ("StringEquals", {"k": "a*"}, "ab", NO),
    ("StringEquals", {"k": "a"}, None, NO),
    ("StringEqualsIfExists", {"k": "a"}, None, YES),
    ("StringEqualsIfExists", {"k": "a"}, "b", NO),
    ("StringNotEquals", {"k": "a"}, "a", NO),
    ("StringNotEquals", {"k": ["a", "b"]}, "b", NO),
    ("StringNotEquals", {"k": "a"}, None, YES),
    ("StringEqualsIgnoreCase", {"k": "a"}, "A", YES),
    ("StringNotEqualsIgnoreCase", {"k": "a"}, "A", NO),
    ("StringLike", {"k": "a*c?"}, "abbcd", YES),
    ("StringLike", {"k": "a*c?"}, "abbc", NO),
    ("StringNotLike", {"k": "a*"}, "ab", NO),
    ("NumericEquals", {"k": 10}, "10.0", YES),
    ("NumericNotEquals", {"k": 10}, 10, NO),
    ("NumericLessThan", {"k": "10"}, 9, YES),
    ("NumericLessThanEquals", {"k": "10"}, 10, YES),
    ("NumericGreaterThan", {"k": "10"}, 10, NO),
    ("NumericGreaterThanEquals", {"k": "10"}, 10, YES),
    ("NumericEquals", {"k": "10"}, "ten", NO),
    ("DateGreaterThan", {"k": "2020-01-01T00:00:01Z"}, "2020-01-02T00:00:00Z", YES),
    ("DateLessThan", {"k": "2020-01-01T00:00:01Z"}, "2020-01-02", NO),
    ("DateEquals", {"k": "2020-01-01T00:00:00Z"}, 1577836800, YES),
    ("Bool", {"k": "true"}, True, YES),
    ("Bool", {"k": "True"}, "true", YES),
    ("Bool", {"k": "false"}, "true", NO),
    ("Bool", {"k": "false"}, None, NO),
    ("BoolIfExists", {"k": "false"}, None, YES),
    ("BinaryEquals", {"k": "QmluYXJ5"}, "QmluYXJ5", YES),
    ("IpAddress", {"k": "203.0.113.0/24"}, "203.0.113.9", YES),
    ("IpAddress", {"k": "203.0.113.9"}, "203.0.113.9", YES),
    ("IpAddress", {"k": "2001:db8::/32"}, "203.0.113.9", NO),
    ("IpAddress", {"k": "2001:DB8:1234:5678::/64"}, "2001:db8:1234:5678::1", YES),
    ("NotIpAddress", {"k": ["203.0.113.0/24", "10.0.0.0/8"]}, "10.1.1.1", NO),
    ("NotIpAddress", {"k": "203.0.113.0/24"}, None, YES),
    ("ArnEquals", {"k": "arn:aws:iam::1:role/*"}, "arn:aws:iam::1:role/a/b", YES),
    ("ArnLike", {"k": "arn:*:iam::1:role/?"}, "arn:aws:iam::1:role/a", YES),
    ("ArnLike", {"k": "arn:aws:iam*role/a"}, "arn:aws:iam::1:role/a", OPEN),
    ("ArnLike", {"k": "arn:aws:*:*:role/a"}, "arn:aws:iam::1:user/a", NO),
    ("ArnNotLike", {"k": "arn:aws:iam::1:role/*"}, "arn:aws:iam::2:role/a", YES),
    ("Null", {"k": "true"}, None, YES),
    ("Null", {"k": "true"}, "x", NO),
    ("Null", {"k": False}, "x", YES),
    ("Null", {"k": "true"}, [], YES),
    ("ForAllValues:StringEquals", {"k": ["a", "b"]}, ["a"], YES),
    ("ForAllValues:StringEquals", {"k": ["a", "b"]}, ["a", "c"], NO),
    ("ForAllValues:StringEquals", {"k": ["a", "b"]}, None, YES),
    ("ForAllValues:StringEquals", {"k": ["a"]}, "", YES),
    ("ForAllValues:StringNotEquals", {"k": ["a"]}, ["b", "a"], NO),
    ("ForAnyValue:StringEquals", {"k": ["a", "b"]}, ["c", "a"], YES),
    ("ForAnyValue:StringEquals", {"k": ["a"]}, None, NO),
    ("ForAnyValue:StringEqualsIfExists", {"k": ["a"]}, None, NO),
    ("ForAnyValue:StringNotEquals", {"k": ["a"]}, ["a", "b"], YES),
    ("ForAnyValue:StringLike", {"k": ["a*"]}, ["ab"], YES),
    ("StringResembles", {"k": "a"}, "a", OPEN),
    ("NullIfExists", {"k": "true"}, "a", OPEN),
    ("IpAddress", {"k": "nowhere"}, "10.0.0.1", OPEN),
]

LAYERS = [  # reference_policies_evaluation-logic_policy-eval-basics, access_policies_boundaries, orgs_manage_policies_scps
    ("a boundary that allows", {"boundary": [aws(may("s3:*"))]}, YES),
    ("a boundary that does not", {"boundary": [aws(may("ec2:*"))]}, NO),
    ("a boundary that denies", {"boundary": [aws(may(), never("s3:*"))]}, DENIED),
    ("a boundary grants nothing", {"policies": [], "boundary": [aws(may())]}, NO),
    ("null is absent", {"boundary": None, "organization": None, "session": None}, YES),
    ("a session that allows", {"principal": SESSION, "session": aws(may("s3:*"))}, YES),
    ("a session that does not", {"principal": SESSION, "session": [aws(may("ec2:*"))]}, NO),
    ("every level allows", {"organization": [[aws(may())], [aws(may("s3:*"))]]}, YES),
    ("one level does not", {"organization": [[aws(may())], [aws(may("ec2:*"))], [aws(may())]]}, NO),
    ("a level without policies", {"organization": [{"orgIdentifier": "ou-1", "policies": []}]}, NO),
    (
        "a level by name",
        {"organization": [{"orgIdentifier": "o", "policies": [{"name": "x", "policy": aws(may())}]}]},
        YES,
    ),
    ("a level that denies", {"organization": [[aws(may(), never("s3:*"))]]}, DENIED),
    (
        "it binds the root user",
        {"principal": "arn:aws:iam::111122223333:root", "organization": [[aws(never())]]},
        DENIED,
    ),
    (
        "it does not bind a service-linked role",
        {
            "principal": "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
            "organization": [[aws(never())]],
        },
        YES,
    ),
    ("a resource control that denies", {"resource_control": [[aws(never("s3:*", Principal="*"))]]}, DENIED),
    ("a resource control that allows", {"resource_control": [[aws(may(Principal="*"))]]}, YES),
    ("an endpoint that allows", {"endpoint": [aws(may("s3:*", Principal="*"))]}, YES),
    ("an endpoint that does not", {"endpoint": [aws(may("ec2:*", Principal="*"))]}, NO),
    ("an endpoint for others", {"endpoint": [aws(may(Principal={"AWS": ROLE}))]}, NO),
    ("the root user needs no policy", {"policies": [], "principal": "arn:aws:iam::111122223333:root"}, YES),
    ("a policy that nobody read", {"policies": [{"name": "x", "policy": None}]}, OPEN),
    (
        "and one that allows nothing beside a boundary",
        {"policies": ["{"], "boundary": [aws(may("ec2:*"))]},
        NO,
    ),
]


def own(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return aws(
        {
            "Effect": effect,
            "Principal": principal,
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::bucket/*",
            **more,
        }
    )


def but(principal: Any) -> dict[str, Any]:
    return aws({"Effect": "Deny", "NotPrincipal": {"AWS": principal}, "Action": "s3:*", "Resource": "*"})


ACCOUNT = "arn:aws:iam::111122223333:root"
ELSEWHERE = {"resource_account": OTHER}
NARROW = {"boundary": [aws(may("ec2:*"))]}
RESOURCES = [  # reference_policies_elements_principal, …_notprincipal, …_evaluation-logic-cross-account
    ("names the user", {"resource_policy": own({"AWS": ANN})}, YES),
    ("names everybody", {"resource_policy": own("*")}, YES),
    ("names the account, which hands on", {"resource_policy": own({"AWS": ACCOUNT})}, NO),
    (
        "names the account's number",
        {"resource_policy": own({"AWS": BUCKET_OWNER}), "policies": [aws(may())]},
        YES,
    ),
    ("names another", {"resource_policy": own({"AWS": ROLE})}, NO),
    ("a boundary does not limit a user who is named", {"resource_policy": own({"AWS": ANN}), **NARROW}, YES),
    (
        "a boundary limits a role that is named",
        {"principal": SESSION, "resource_policy": own({"AWS": ROLE}), **NARROW},
        NO,
    ),
    ("a role that is named", {"principal": SESSION, "resource_policy": own({"AWS": ROLE})}, YES),
    (
        "a session that is named, past its boundary",
        {"principal": SESSION, "resource_policy": own({"AWS": SESSION}), **NARROW},
        YES,
    ),
    ("its deny wins", {"policies": [aws(may())], "resource_policy": own({"AWS": ANN}, "Deny")}, DENIED),
    (
        "its deny for the account",
        {"policies": [aws(may())], "resource_policy": own({"AWS": ACCOUNT}, "Deny")},
        DENIED,
    ),
    (
        "two accounts: both",
        {"policies": [aws(may())], "resource_policy": own({"AWS": ACCOUNT}), **ELSEWHERE},
        YES,
    ),
    ("two accounts: one side alone", {"policies": [aws(may())], **ELSEWHERE}, NO),
    ("two accounts: the other side alone", {"resource_policy": own({"AWS": ANN}), **ELSEWHERE}, NO),
    ("two accounts: everybody is not enough", {"resource_policy": own("*"), **ELSEWHERE}, NO),
    (
        "two accounts: a boundary limits",
        {"policies": [aws(may())], "resource_policy": own({"AWS": ANN}), **ELSEWHERE, **NARROW},
        NO,
    ),
    ("nobody in particular", {"principal": "*", "resource_policy": own("*")}, YES),
    (
        "nobody in particular, by kind",
        {"principal": {"type": "anonymous"}, "resource_policy": own({"AWS": "*"})},
        YES,
    ),
    (
        "nobody in particular, where someone is named",
        {"principal": "*", "policies": [aws(may())], "resource_policy": own({"AWS": ANN})},
        NO,
    ),
    (
        "a service",
        {
            "principal": {"Service": "logging.s3.amazonaws.com"},
            "resource_policy": own({"Service": "logging.s3.amazonaws.com"}),
        },
        YES,
    ),
    (
        "a service by kind",
        {
            "principal": {"type": "Service", "id": "a.amazonaws.com"},
            "resource_policy": own({"Service": "b.amazonaws.com"}),
        },
        NO,
    ),
    (
        "no control policy binds a service",
        {
            "principal": {"Service": "a.amazonaws.com"},
            "resource_policy": own({"Service": "a.amazonaws.com"}),
            "organization": [[aws(never())]],
        },
        YES,
    ),
    ("all but others", {"policies": [aws(may())], "resource_policy": but([ROLE, ACCOUNT])}, DENIED),
    (
        "all but the user and the account",
        {"policies": [aws(may())], "resource_policy": but([ANN, ACCOUNT])},
        YES,
    ),
    (
        "all but the user, whose account is not named",
        {"policies": [aws(may())], "resource_policy": but([ANN])},
        OPEN,
    ),
    (
        "all but the user, who has a boundary",
        {"policies": [aws(may())], "resource_policy": but([ANN, ACCOUNT]), "boundary": [aws(may())]},
        DENIED,
    ),
    (
        "all but the session, its role and the account",
        {"principal": SESSION, "policies": [aws(may())], "resource_policy": but([SESSION, ROLE, ACCOUNT])},
        YES,
    ),
    (
        "a wildcard in a principal",
        {"resource_policy": own({"AWS": "arn:aws:iam::111122223333:user/*"})},
        OPEN,
    ),
    ("someone who was deleted", {"resource_policy": own({"AWS": "AIDAEXAMPLE"})}, NO),
    (
        "the owner's root can undo a lock-out",
        {"principal": ACCOUNT, "action": "s3:DeleteBucketPolicy", "resource_policy": own("*", "Deny")},
        YES,
    ),
    ("and nothing else", {"principal": ACCOUNT, "resource_policy": own("*", "Deny")}, DENIED),
    ("nobody said who asks", {"principal": None, "resource_policy": own({"AWS": ANN})}, OPEN),
]

KMS = {"action": "kms:Decrypt", "resource": "arn:aws:kms:eu-west-1:111122223333:key/1"}
TRUST = {"action": "sts:AssumeRole", "resource": ROLE}


def trusts(principal: Any) -> dict[str, Any]:
    return aws({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


ASKED_ALWAYS = [  # KMS: key-policies; IAM: roles_terms-and-concepts, reference_policies_elements_principal
    ("a key whose policy hands on", KMS, [may()], aws(may("kms:*", Principal={"AWS": ACCOUNT})), YES),
    ("a key whose policy does not", KMS, [may()], aws(may("kms:*", Principal={"AWS": ROLE})), NO),
    ("a key whose policy names the user", KMS, [], aws(may("kms:*", Principal={"AWS": ANN})), YES),
    ("a role that trusts the account", TRUST, [may()], trusts({"AWS": ACCOUNT}), YES),
    ("and a user without a policy", TRUST, [], trusts({"AWS": ACCOUNT}), NO),
    ("a role that trusts the user", TRUST, [], trusts({"AWS": ANN}), YES),
    ("a role that trusts another", TRUST, [may()], trusts({"AWS": SESSION}), NO),
    ("a role that trusts a service", TRUST, [may()], trusts({"Service": "ec2.amazonaws.com"}), NO),
]


@pytest.mark.parametrize(("case", "statements", "more", "expected"), ELEMENTS, ids=[c[0] for c in ELEMENTS])
def test_elements(case: str, statements: list[Any], more: dict[str, Any], expected: str) -> None:
    assert asked(*statements, **more) == expected


@pytest.mark.parametrize(
    ("case", "statements", "context", "expected"), VARIABLES, ids=[c[0] for c in VARIABLES]
)
def test_variables(case: str, statements: list[Any], context: dict[str, Any], expected: str) -> None:
    assert asked(*statements, context=context) == expected


def test_variables_are_text_in_documents_of_the_older_version() -> None:
    statement = may("*", "arn:aws:s3:::bucket/${aws:username}")
    older = {"policies": [aws(statement, version=None)], "context": {"aws:username": "key"}}
    assert asked(**older) == NO
    assert asked(**older, resource="arn:aws:s3:::bucket/${aws:username}") == YES


@pytest.mark.parametrize(("operator", "condition", "value", "expected"), CONDITIONS)
def test_condition_operators(operator: str, condition: dict[str, Any], value: Any, expected: str) -> None:
    context = {} if value is None else {"k": value}
    assert asked(may(Condition={operator: condition}), context=context) == expected


def test_blocks_and_keys_must_all_hold() -> None:
    both = {"StringEquals": {"a": "1", "b": "2"}, "Bool": {"c": "true"}}
    assert asked(may(Condition=both), context={"a": "1", "b": "2", "c": True}) == YES
    assert asked(may(Condition=both), context={"a": "1", "b": "2"}) == NO
    assert asked(may(Condition=both), context={"a": "1", "b": "3", "c": True}) == NO


@pytest.mark.parametrize(("case", "more", "expected"), LAYERS, ids=[c[0] for c in LAYERS])
def test_layers(case: str, more: dict[str, Any], expected: str) -> None:
    assert asked(may(), **more) == expected


@pytest.mark.parametrize(("case", "more", "expected"), RESOURCES, ids=[c[0] for c in RESOURCES])
def test_the_resource_s_policy(case: str, more: dict[str, Any], expected: str) -> None:
    assert asked(**{"resource_account": BUCKET_OWNER, **more}) == expected


@pytest.mark.parametrize(
    ("case", "request_", "statements", "resource_policy", "expected"),
    ASKED_ALWAYS,
    ids=[c[0] for c in ASKED_ALWAYS],
)
def test_keys_and_roles_ask_their_own_policy(
    case: str, request_: dict[str, Any], statements: list[Any], resource_policy: Any, expected: str
) -> None:
    assert asked(*statements, **request_, resource_policy=resource_policy) == expected


PARTIAL = [
    ("a key that may be there", [may(Condition={"Bool": {"mfa": "true"}})], {}, OPEN),
    ("a key that is there", [may(Condition={"Bool": {"mfa": "true"}})], {"mfa": "false"}, NO),
    ("an allow besides", [may(Condition={"Bool": {"mfa": "true"}}), may()], {}, YES),
    ("a deny besides", [may(Condition={"Bool": {"mfa": "true"}}), never()], {}, DENIED),
    ("a deny that may hold", [may(), never(Condition={"Bool": {"mfa": "false"}})], {}, OPEN),
    ("a deny that may hold, where nothing is allowed", [never(Condition={"Bool": {"mfa": "false"}})], {}, NO),
    (
        "another condition that does not hold",
        [may(Condition={"Bool": {"mfa": "true"}, "StringEquals": {"a": "1"}})],
        {"a": "2"},
        NO,
    ),
    ("IfExists", [may(Condition={"BoolIfExists": {"mfa": "true"}})], {}, OPEN),
    ("Null", [may(Condition={"Null": {"mfa": "true"}})], {}, OPEN),
    ("a variable", [may("*", "arn:aws:s3:::bucket/${aws:username}")], {}, OPEN),
    ("a variable elsewhere", [may("*", "arn:aws:ec2:::x/${aws:username}")], {}, NO),
]


@pytest.mark.parametrize(("case", "statements", "context", "expected"), PARTIAL, ids=[c[0] for c in PARTIAL])
def test_what_may_be_missing_is_unknown_only_where_it_matters(
    case: str, statements: list[Any], context: dict[str, Any], expected: str
) -> None:
    assert asked(*statements, context=context, context_partial=True) == expected
