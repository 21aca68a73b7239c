"""F3, F4: whatever was said and filed, every sentence of a draft is supported or dropped, and no slot survives."""

import re
import tomllib
from importlib.resources import files
from string import Formatter

from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from domain.actions import ACTIONS, Action
from domain.briefs import brief
from domain.records import SignalSeen
from domain.vocabulary import Channel, Consent
from projections.api.academy import Academy
from projections.api.drafts import Words, drafted
from projections.api.told_views import ChildView, GuardianView, RecordView
from tests import given

TABLE = tomllib.loads(files("domain").joinpath("claims.toml").read_text("utf-8"))
PLAIN = frozenset(TABLE["plain"].split())
CLAIMS = [word for kind in ("money", "time", "place", "promise") for word in TABLE[kind].split()]
SMUGGLED = ["$5", "50%", "7", "{place}", "{child}", "Lakeside", "brooklyn", "<b>", "Ｆｒｅｅ", "③", "None"]

plain = st.lists(st.sampled_from(sorted(PLAIN)), max_size=3)
odd = st.one_of(
    st.just([]),
    st.lists(st.sampled_from([*CLAIMS, *SMUGGLED]), max_size=1),
    st.lists(st.text(max_size=5), max_size=1),
)
words = st.builds(
    lambda before, one, after, end: " ".join([*before, *one, *after]) + end,
    plain,
    odd,
    plain,
    st.sampled_from("?."),
)
"""Plain words, with at most one among them that may claim something."""

said = st.one_of(words, st.none())
OWN = {"aid": "scholarships", "first_visit": "free on any Saturday", "place": "12 Lake Drive"}
academies = st.builds(
    Academy,
    name=st.sampled_from([None, "Lakeshore Hoops Academy"]),
    staff=st.sampled_from([None, "Coach Dana"]),
    programmes=st.sampled_from([(), ("summer intensive at Lakeside",)]),
    says=st.sampled_from([{}, OWN]),
)


def record(name: str | None, child: str | None, programme: str | None) -> RecordView:
    adult = GuardianView(
        guardian_id="g1", name=name, phone=None, email="a@example.org", consent=Consent.CONTACTABLE
    )
    return RecordView(
        event_id="lead-1",
        recorded_at=given.NOON,
        guardians=[adult],
        children=[ChildView(child_id="c1", name=child, age=9, programme=programme)],
        time_zone="America/Chicago",
        campaign_goal=None,
        erased=False,
    )


records = st.one_of(st.none(), st.builds(record, said, said, said))


def is_supported(text: str, academy: Academy) -> bool:
    """Whether every word is the academy's own or a plain one, and there is no sign that is no punctuation."""
    for own in academy.configured():
        text = re.sub(re.escape(own), " ", text, flags=re.IGNORECASE)
    found = re.findall(r"[^\W\d_]+", text.casefold())
    return set(found) <= PLAIN and not re.search(r"[\d{}$%<>③]", text)


def pattern(template: str) -> re.Pattern[str]:
    """What a template becomes whose slots are filled with anything."""
    parts = Formatter().parse(template)
    return re.compile(
        "".join(re.escape(text) + ("(.+)" if slot else "") for text, slot, _, _ in parts), re.DOTALL
    )


CONTACTING = [action for action in ACTIONS.values() if action.channels]
QUOTING = [action for action in CONTACTING if any(phrase.signal for phrase in action.sentences)]
QUESTION, OBJECTION = (SignalSeen(name, "call-1", 0) for name in ("open_question", "objection"))


@settings(max_examples=250)
@such_that(
    st.sampled_from([*QUOTING * 6, *CONTACTING]),
    st.sampled_from(Channel),
    st.fixed_dictionaries({QUESTION: said.map(lambda text: text and f"{text[:-1]}?"), OBJECTION: said}),
    records,
    academies,
)
def test_f3_f4_every_sentence_of_a_draft_is_supported_or_dropped(
    action: Action,
    channel: Channel,
    facts: dict[SignalSeen, str | None],
    household: RecordView | None,
    academy: Academy,
) -> None:
    asked = brief(action, tuple(facts)).sentences

    draft = drafted(action.name, channel, asked, Words(academy, household, facts))

    assert draft is not None
    rest = {sentence.id: sentence.facts for sentence in asked}
    assert sorted([*draft.sentences, *(one.id for one in draft.dropped)]) == sorted(rest)
    for sentence, point in zip(draft.sentences, draft.points, strict=True):
        assert_supported(sentence, point, rest[sentence], facts, academy)
    assert not re.search(r"[{}]|\bNone\b", draft.text)


def assert_supported(
    sentence: str,
    point: str,
    rests_on: tuple[SignalSeen, ...],
    facts: dict[SignalSeen, str | None],
    academy: Academy,
) -> None:
    """A template of the action, filled with the academy's words, a name, or what was said and claims nothing."""
    action, _, name = sentence.partition(".")
    (template,) = [one.text for one in ACTIONS[action].sentences if one.id == name]
    found = pattern(template).fullmatch(point)
    assert found is not None
    slots = [slot for _, slot, _, _ in Formatter().parse(template) if slot]
    for slot, filled in zip(slots, found.groups(), strict=True):
        if slot in ("child", "guardian"):
            assert re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", filled)
        elif slot not in academy.slots():
            assert is_supported(filled, academy)
    for fact in rests_on:
        words = facts[fact]
        assert words is not None
        assert " ".join(words.split()) in point
