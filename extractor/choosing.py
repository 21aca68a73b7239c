"""Which reader the settings choose; a provider's library is loaded only where it is chosen."""

from collections.abc import Iterator

from domain.asked import Asked
from extractor.budget import Budget, within
from extractor.port import Model
from extractor.pricing import price_of
from extractor.reading import Readers
from extractor.recorded import Read, Recorded
from extractor.settings import ExtractorSettings, ProviderSettings
from runtime.errors import Misconfigured
from runtime.lookback import messages, messages_since
from schemas.codec import decode


def refuse_unreadable(settings: ExtractorSettings, provider: ProviderSettings) -> None:
    """Refuse to start where what is chosen lacks something: raises Misconfigured."""
    if settings.extractor == "openai" and not (provider.api_key and provider.api_key.get_secret_value()):
        raise Misconfigured(
            "ACADEMY_EXTRACTOR is openai, and OPENAI_API_KEY is not set: set it in the environment or in .env (any "
            "word for a server of your own that wants none), or choose ACADEMY_EXTRACTOR=offline"
        )
    if settings.extractor == "recorded" and settings.recorded_prefix in (None, settings.topic_prefix):
        raise Misconfigured(
            "ACADEMY_EXTRACTOR is recorded, and ACADEMY_RECORDED_PREFIX names no other prefix: name the one whose "
            "`enriched` is to be taken over (empty for topics without one), or choose ACADEMY_EXTRACTOR=offline"
        )


def chosen(settings: ExtractorSettings, provider: ProviderSettings) -> Readers:
    """Who reads; a model within its budget. Raises Misconfigured for prices that are not there."""
    if settings.extractor == "openai":
        return Readers(_model(settings, provider))
    if settings.extractor == "recorded":
        earlier = settings.model_copy(update={"topic_prefix": settings.recorded_prefix})
        return Readers(recorded=Recorded(messages(earlier, "enriched")))
    return Readers()


def _model(settings: ExtractorSettings, provider: ProviderSettings) -> Model:
    from extractor.openai_model import openai_model
    from extractor.provider import Provider

    assert provider.api_key is not None  # noqa: S101 - `refuse_unreadable` has looked
    price = price_of(settings.model, settings.prices_file)
    model = openai_model(
        Provider(
            provider.api_key.get_secret_value(),
            provider.base_url,
            settings.model,
            price,
            settings.model_effort,
        )
    )
    if settings.openai_daily_budget is None:
        return model
    if not price.version:
        raise Misconfigured(
            f"ACADEMY_OPENAI_DAILY_BUDGET is set, and {settings.model} is not on the price list: "
            "name a list that has it by ACADEMY_PRICES_FILE, or set no budget"
        )
    budget = Budget(settings.openai_daily_budget)
    budget.known(asked_today(settings, budget))
    return within(budget, model)


def asked_today(settings: ExtractorSettings, budget: Budget) -> Iterator[Asked]:
    """What every copy has asked since midnight, from the log."""
    for message in messages_since(settings, "enriched", budget.midnight):
        event = decode("enriched", message.value or b"")
        if isinstance(event, Read) and event.asked is not None:
            yield event.asked
