"""`python -m tests.extraction.train`: the weights of stance, topic and opt-out, from the texts in `written`.

Multinomial logistic regression by AdaGrad (Duchi, Hazan, Singer 2011), the same weights each time.
"""

import math
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.linear import Feature, Linear, packed, written
from domain.opt_out import hints
from domain.vocabulary import Channel, Direction, Intent, OptOut, TopicClass
from extractor import concerns, stance
from extractor.heard import hear
from extractor.reasons import NOTHING
from extractor.weighing import features
from tests.extraction.golden import Golden, golden
from tests.unit.extractor.test_demo_families import FAMILIES, MISREAD, STORY

TEXTS = Path(__file__).parent / "written"
HEARD = Path("tests/unit/extractor/examples.toml")
EXAMPLES = Path("tests/unit/domain/opt_out_examples.toml")
_RATE, _EPOCHS, _OFTEN, _SEED = 0.3, 10, 2, 1
_REASONED = frozenset({Intent.DECLINING, Intent.CONSIDERING})
_LONGEST = 60  # words of a message of the golden set
_UNITS = 60  # of one weight, so that it fits a byte
_LEAST = 4  # units: less than that in every class is nothing


@dataclass(frozen=True, slots=True)
class Written:
    """A text of our own with what is right for it."""

    text: str
    intent: Intent
    opt_out: OptOut
    topics: tuple[str, ...] = ()


def texts() -> list[Written]:
    """All of our own, and the short messages of the golden set's open half."""
    return [*written_texts(), *(_open(one) for one in golden("open") if _is_message(one))]


def written_texts() -> list[Written]:
    """Those in `written`, in the order of their files: a head with intent and sentiment, then a text a line."""
    found: list[Written] = []
    for path in sorted(TEXTS.glob("*.txt")):
        intent = ""
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("= "):
                intent = line[2:].split()[0]
            elif line.strip():
                text, _, labels = line.partition(" | ")
                named = labels.split()
                found.append(Written(text, Intent(intent), _opt_out(named), tuple(_topics(named))))
    return found


def _is_message(one: Golden) -> bool:
    return one.direction is Direction.INBOUND and len(one.transcript.passages) == 1 and one.length <= _LONGEST


def _open(one: Golden) -> Written:
    """An interaction of the golden set's open half."""
    return Written(one.text, one.said.intent, one.said.opt_out.verdict)


def _opt_out(labels: list[str]) -> OptOut:
    return OptOut.YES if "stop" in labels else OptOut.UNSURE if "stop?" in labels else OptOut.NO


def _topics(labels: list[str]) -> Iterator[str]:
    """The topics of objections; a moderate or high concern is one of cost."""
    yield from (topic.value for topic in TopicClass if topic.value in labels)
    if not {"moderate", "high"}.isdisjoint(labels) and TopicClass.FINANCIAL.value not in labels:
        yield TopicClass.FINANCIAL.value


def stance_features(text: str) -> set[Feature]:
    """What the model of the stance sees of a text: a single message of the family's."""
    heard = hear(text, Channel.SMS, Direction.INBOUND)
    passages = stance.passages(heard, concerns.objections(heard))
    return features([clause for passage in passages for clause in passage.said], stance.standing(passages))


def trained(seen: Sequence[set[Feature]], right: Sequence[str], epochs: int = _EPOCHS) -> Linear:
    """The weights that tell the classes from one another; features met once are left out."""
    met = Counter(feature for one in seen for feature in one)
    kept = sorted((feature for feature, times in met.items() if times >= _OFTEN), key=str)
    number = {feature: at for at, feature in enumerate(kept)}
    classes = tuple(sorted(set(right)))
    rows = [sorted(number[feature] for feature in one if feature in number) for one in seen]
    bias, weights = _descended(
        rows, [classes.index(name) for name in right], (len(kept), len(classes)), epochs
    )
    return _rounded(classes, bias, dict(zip(kept, weights, strict=True)))


def _descended(
    rows: list[list[int]], right: list[int], size: tuple[int, int], epochs: int
) -> tuple[list[float], list[list[float]]]:
    features_, classes = size
    weights, squares = ([[start] * classes for _ in range(features_)] for start in (0.0, 0.01))
    bias, bias_squares = [0.0] * classes, [0.01] * classes
    order = list(range(len(rows)))
    chance = random.Random(_SEED)  # noqa: S311 - an order to learn in, no secret
    for _ in range(epochs):
        chance.shuffle(order)
        for at in order:
            known = rows[at]
            share = 1 / math.sqrt(len(known) + 1)
            off = _off(bias, [weights[n] for n in known], share, right[at])
            for k, slope in enumerate(off):
                if abs(slope) < 0.005:
                    continue
                bias_squares[k] += slope * slope
                bias[k] -= _RATE * slope / math.sqrt(bias_squares[k])
                each = slope * share
                for n in known:
                    squares[n][k] += each * each
                    weights[n][k] -= _RATE * each / math.sqrt(squares[n][k])
    return bias, weights


def _off(bias: list[float], rows: list[list[float]], share: float, right: int) -> list[float]:
    """How far each class's probability is from what is right."""
    sums = [sum(column) for column in zip(*rows, strict=True)] or [0.0] * len(bias)
    scores = [start + share * total for start, total in zip(bias, sums, strict=True)]
    odds = [math.exp(score - max(scores)) for score in scores]
    whole = sum(odds)
    return [odd / whole - (k == right) for k, odd in enumerate(odds)]


def _rounded(classes: tuple[str, ...], bias: list[float], weights: dict[Feature, list[float]]) -> Linear:
    unit = round(max(abs(weight) for row in weights.values() for weight in row) / _UNITS, 4)
    rows = {feature: tuple(round(weight / unit) for weight in row) for feature, row in weights.items()}
    kept = {feature: packed(row) for feature, row in rows.items() if max(map(abs, row)) >= _LEAST}
    return Linear(classes, unit, tuple(round(weight / unit) for weight in bias), kept)


def stances() -> Linear:
    """The model of `extractor/weighing.py`."""
    told = [(one.text, one.intent) for one in texts()] + list(_heard())
    return trained([stance_features(text) for text, _ in told], [right for _, right in told])


def topics() -> Linear:
    """The model of `extractor/reasons.py`."""
    told = list(filter(is_reasoned, written_texts()))
    return trained([stance_features(one.text) for one in told], list(map(reason, told)))


def is_reasoned(one: Written) -> bool:
    """Whether it tells what reasons look like: it objects, or is undecided or refuses for one."""
    return one.intent is Intent.OBJECTING or (one.intent in _REASONED and bool(one.topics))


def reason(one: Written) -> str:
    """Its first topic; a bare grievance has none."""
    return one.topics[0] if one.topics else NOTHING


def opt_outs() -> Linear:
    """The model of `domain/opt_out.py`, of the texts that it would be asked about."""
    told = [(one.text, one.opt_out) for one in texts()] + list(_examples())
    hinting = [(seen, right) for text, right in told if (seen := hints(text))]
    return trained([seen for seen, _ in hinting], [right for _, right in hinting])


def _heard() -> Iterator[tuple[str, Intent]]:
    """The messages of the tables that the rules are tested by."""
    for entry in tomllib.loads(HEARD.read_text("utf-8"))["said"]:
        if (
            "intent" in entry
            and entry.get("via", "sms inbound").endswith("inbound")
            and "\n" not in entry["text"]
        ):
            yield entry["text"], Intent(entry["intent"])
    for lead, number, intent, _ in STORY:
        text = FAMILIES[lead].events[number - 1]["text"].strip()
        if "\n" not in text and (lead, number) not in MISREAD and intent != Intent.NO_RESPONSE:
            yield text, Intent(intent)


def _examples() -> Iterator[tuple[str, OptOut]]:
    for verdict, said in tomllib.loads(EXAMPLES.read_text("utf-8")).items():
        yield from ((text, OptOut(verdict)) for text in said)


MODELS = {
    Path("extractor/stance_weights.txt"): stances,
    Path("extractor/topic_weights.txt"): topics,
    Path("domain/opt_out_weights.txt"): opt_outs,
}


def main() -> None:
    """Train and write."""
    for path, train in MODELS.items():
        path.write_text(written(train()), "utf-8")


if __name__ == "__main__":
    main()
