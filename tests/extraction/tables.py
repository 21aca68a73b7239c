"""The scores as plain tables, one page for a half."""

from collections.abc import Iterable

from tests.extraction.fields import CLASSES
from tests.extraction.labels import Confusion
from tests.extraction.matching import Tally
from tests.extraction.model import Bill
from tests.extraction.scores import Scores
from tests.extraction.timing import CALL_WORDS, Cost


def page(adapter: str, found: Scores) -> str:
    """All tables of one half."""
    return "\n".join(
        [
            f"== {adapter}, half `{found.half}`: {found.interactions} interactions",
            *_classes(found.classes),
            *_yes("opt_out", found.classes["opt_out"]),
            *_yes("signed_up", found.classes["signed_up"]),
            *_yes("injection", found.classes["injection"]),
            *_intents(found.classes["intent"]),
            *_items("objections by topic class", found.objections),
            *_items("signals by class, and items by their quotes", {"signals": found.signals, **found.items}),
            "",
            *(f"{name:26}{share:7.3f} of pairs agree" for name, share in found.agreement.items()),
            *_following(found),
            "",
            "",
        ]
    )


def bill(found: Bill) -> str:
    """What a model took for all texts."""
    tokens = (
        f"{found.tokens_in:,} tokens in, {found.tokens_cached:,} of them cached, {found.tokens_out:,} out"
    )
    failed = ", ".join(f"{count} {name}" for name, count in found.failed.items()) or "none"
    return (
        f"\n{found.asked} of {found.texts} texts were asked about: {tokens}; "
        f"{found.dollars_per_1000:.4f} dollars for 1,000 interactions; read by the rules instead: {failed}\n"
    )


def costs(spent: Cost) -> str:
    """CPU of a call and an SMS."""
    return f"CPU: {spent.call_ms:.2f} ms per call of {CALL_WORDS} words, {spent.sms_ms:.3f} ms per SMS\n"


def _classes(found: dict[str, Confusion]) -> Iterable[str]:
    yield f"\n{'field':26}{'macro-F1':>9}{'accuracy':>9}"
    for name, confusion in found.items():
        yield f"{name:26}{confusion.macro_f1(CLASSES[name][1]):9.3f}{confusion.accuracy:9.3f}"


def _yes(name: str, confusion: Confusion) -> Iterable[str]:
    label = confusion.label("yes")
    yield (
        f"{name + ' yes':26}precision {_rate(label.precision)}  recall {_rate(label.recall)}"
        f"  ({label.right} right, {label.said} said, {label.wanted} wanted)"
    )


def _intents(confusion: Confusion) -> Iterable[str]:
    names = CLASSES["intent"][1]
    yield f"\n{'intent: wanted, said as':24}" + "".join(f"{name[:8]:>9}" for name in names) + f"{'F1':>8}"
    for want in names:
        row = "".join(f"{confusion.counts[want, said] or '.':>9}" for said in names)
        yield f"{want:24}{row}{confusion.label(want).f1:8.3f}"


def _items(title: str, found: dict[str, Tally]) -> Iterable[str]:
    yield (
        f"\n{title:44}\n{'':20}{'wanted':>7}{'said':>6}{'precision':>10}{'recall':>8}{'omission':>9}"
        f"{'halluc.':>8}{'ungrounded':>11}{'misattr.':>9}"
    )
    for name, tally in found.items():
        yield (
            f"{name:20}{tally.wanted:7}{tally.said:6}{_rate(tally.precision):>10}{_rate(tally.recall):>8}"
            f"{_rate(tally.omission):>9}{_rate(tally.hallucination):>8}{tally.ungrounded:11}{tally.misattributed:9}"
        )


def _following(found: Scores) -> Iterable[str]:
    yield ""
    for name, confusion in found.following.items():
        yield f"{name + ' accuracy':26}{confusion.accuracy:7.3f}"
    changed = f"{len(found.changed)} of {found.interactions}"
    yield f"{'decision-level rate':26}{found.changed_rate:7.3f} ({changed} change status, bucket or consent)"


def _rate(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
