"""Which reader the settings choose, what is refused at the start, and what is not even loaded."""

import subprocess
import sys
from typing import Any

import pytest
from pydantic import SecretStr

from extractor.choosing import chosen, refuse_unreadable
from extractor.reading import Readers
from extractor.settings import ExtractorSettings, ProviderSettings
from runtime.errors import Misconfigured

KEY = ProviderSettings(api_key=SecretStr("a-key"))


def settings(**changes: Any) -> ExtractorSettings:
    return ExtractorSettings(**{"extractor": "openai", **changes})


@pytest.mark.parametrize("given", [None, SecretStr("")])
def test_a_model_without_a_key_is_refused_with_the_mend(given: SecretStr | None) -> None:
    with pytest.raises(Misconfigured, match=r"OPENAI_API_KEY is not set: .*ACADEMY_EXTRACTOR=offline"):
        refuse_unreadable(settings(), ProviderSettings(api_key=given))


@pytest.mark.parametrize("prefix", [None, ""])
def test_what_is_recorded_must_be_of_another_prefix(prefix: str | None) -> None:
    made = settings(extractor="recorded", recorded_prefix=prefix)

    with pytest.raises(Misconfigured, match=r"ACADEMY_RECORDED_PREFIX names no other prefix: .*=offline"):
        refuse_unreadable(made, ProviderSettings())


def test_the_rules_need_no_key_and_are_the_default() -> None:
    refuse_unreadable(ExtractorSettings(), ProviderSettings())

    assert chosen(ExtractorSettings(), ProviderSettings()) == Readers()


def test_the_default_model_is_on_the_price_list() -> None:
    model = chosen(settings(), KEY).model

    assert model is not None
    assert model.terms.model == "gpt-6-luna"
    assert model.terms.price_version


def test_a_budget_needs_a_price() -> None:
    with pytest.raises(Misconfigured, match="tiny is not on the price list"):
        chosen(settings(model="tiny", openai_daily_budget=1.0), KEY)


def test_settings_come_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ACADEMY_EXTRACTOR": "openai",
        "ACADEMY_MODEL": "gpt-4o-mini",
        "ACADEMY_OPENAI_DAILY_BUDGET": "2.5",
        "OPENAI_API_KEY": "a-key",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }.items():
        monkeypatch.setenv(name, value)

    made, provider = ExtractorSettings(), ProviderSettings()

    assert (made.extractor, made.model, made.openai_daily_budget) == ("openai", "gpt-4o-mini", 2.5)
    assert provider.base_url == "http://127.0.0.1:9/v1"
    assert "a-key" not in repr(provider)


def test_e3_whoever_replays_never_loads_the_providers_client() -> None:
    loads = "extractor.service, analysis.replay, infra.refolds, projections.api.what_if_routes, infra.cli.app"
    look = f"import sys, {loads}; print({{'openai', 'aiohttp', 'httpx2'}} & set(sys.modules))"

    done = subprocess.run((sys.executable, "-c", look), capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
