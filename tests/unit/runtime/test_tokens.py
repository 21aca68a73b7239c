"""Tokens from the settings and from the local file."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from runtime.errors import Misconfigured
from runtime.tokens import Scope, file_token, find, parse_tokens
from runtime.web import WebSettings

ONE, TWO = "secret-number-one-x", "secret-number-two-x"


def test_tokens_carry_name_and_scopes_and_no_secret() -> None:
    tokens = parse_tokens(f"crm:{ONE}:ingest, desk:{TWO}:read+operate,")
    assert [(known.name, known.scopes) for known in tokens] == [
        ("crm", frozenset({Scope.INGEST})),
        ("desk", frozenset({Scope.READ, Scope.OPERATE})),
    ]
    assert find(tokens, TWO) is tokens[1]
    assert find(tokens, TWO + " ") is None
    assert ONE not in repr(tokens)
    assert repr(tokens[0].secret_sha256) not in repr(tokens)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("crm", "token 1 of ACADEMY_TOKENS must be name:secret:scope"),
        (f"crm:{ONE}", "token 1 of ACADEMY_TOKENS must be name:secret:scope"),
        (f"a|b:{ONE}:read", "token 1 of ACADEMY_TOKENS must be name:secret:scope"),
        (f"ok:{ONE}:read,crm:short-{TWO[:3]}:read", r"token 2 of ACADEMY_TOKENS \(crm\) needs a secret"),
        (f"crm:{ONE}:write", "unknown scope; there are: ingest, read, operate, analyse, admin"),
        (f"crm:{ONE}:", "unknown scope"),
        (f"crm:{ONE}:read,crm:{TWO}:read", "two tokens the same name"),
    ],
)
def test_a_malformed_token_is_refused_without_its_secret(text: str, sentence: str) -> None:
    with pytest.raises(Misconfigured, match=sentence) as refusal:
        parse_tokens(text)
    assert "secret-n" not in str(refusal.value)


def test_the_local_file_is_one_more_token_with_all_scopes(tmp_path: Path) -> None:
    assert WebSettings(data_dir=tmp_path).rules().tokens == ()
    (tmp_path / "api-token").write_text(f"{TWO}\n")
    rules = WebSettings(data_dir=tmp_path, tokens=SecretStr(f"crm:{ONE}:ingest")).rules()
    assert [known.name for known in rules.tokens] == ["crm", "local"]
    local = find(rules.tokens, TWO)
    assert local is not None
    assert local.scopes == set(Scope)


def test_an_empty_token_file_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "api-token").write_text("\n")
    with pytest.raises(Misconfigured, match="holds no token"):
        file_token(tmp_path / "api-token")
