"""Whose words they are: speaker labels, and what in a message is not its sender's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.turns import family_words, turns
from domain.vocabulary import Channel, Direction, Speaker

CALL = (Channel.VOICE, Direction.OUTBOUND)
SMS = (Channel.SMS, Direction.INBOUND)
MAIL = (Channel.EMAIL, Direction.INBOUND)

TABLE = [
    # given, how it came, the family's words
    ("Coach Dana: Hi.\nParent: Hello.\nDana: Bye.", CALL, "Hello."),
    ("Rep: Hi there. Mom: Please stop. Rep: Okay.", CALL, "Please stop."),
    ("[00:12] Agent (Sam): Hi.\n[00:15] Mrs. Okafor: Yes?", CALL, "Yes?"),
    ("Dana: Hi, this is Dana from Westside.\nLuis: Hola.", CALL, "Hola."),
    ("Entrenador Luis: Hola.\nMamá: Buenas tardes.", CALL, "Buenas tardes."),
    ("please call me back", CALL, "please call me back"),
    ("Hi, this is Dana from Westside, call me!", CALL, ""),
    ("You've reached the Parkers, speak after the tone.", CALL, ""),
    ("hello there", SMS, "hello there"),
    ("hello there", (Channel.SMS, Direction.OUTBOUND), ""),
    ("Coach: please stop texting me", SMS, "Coach: please stop texting me"),
    ("Family: hi\nAcademy: hello\nFamily: stop", SMS, "hi\nstop"),
    ("Note: we moved", SMS, "Note: we moved"),
    ("please don't disturb us, I'm driving", SMS, "please don't disturb us, I'm driving"),
    ("Automatic reply: out until Monday", MAIL, ""),
    ("Yes.\n\nThanks,\nKaren Mitchell\n555-0142\n\n> stop", MAIL, "Yes."),
    ("Thanks,\nplease remove me from the list", MAIL, "Thanks,\nplease remove me from the list"),
    ("Yes.\n\nOn Tue, Jun 3, Dana <d@example.org>\nwrote:\n> stop\n\nAnd no.", MAIL, "Yes.\nAnd no."),
    ("Yes.\nOn Tuesday Dana wrote:\n\nDear K, stop now", MAIL, "Yes."),
    ("Yes.\nFrom: Dana\nSent: Tuesday\n\nplease stop", MAIL, "Yes."),
    ("Yes.\n-----Original Message-----\nplease stop", MAIL, "Yes."),
    ("Yes.\nSent from my iPhone", MAIL, "Yes."),
    ("Yes.\n--\nKaren\nstop at nothing", MAIL, "Yes."),
    ("On it!", MAIL, "On it!"),
]


@pytest.mark.parametrize(("text", "way", "own"), TABLE)
def test_the_familys_words_are_its_own(text: str, way: tuple[Channel, Direction], own: str) -> None:
    assert family_words(text, *way) == own


def test_an_unlabelled_call_is_nobody_knowns_and_a_message_its_senders() -> None:
    assert [t.speaker for t in turns("hello", *CALL)] == [Speaker.UNKNOWN]
    assert [t.speaker for t in turns("hello", *SMS)] == [Speaker.FAMILY]
    assert [t.speaker for t in turns("hello", Channel.EMAIL, Direction.OUTBOUND)] == [Speaker.ACADEMY]


PIECES = st.one_of(st.text(max_size=30), st.sampled_from([text for text, *_ in TABLE]))


@given(
    st.lists(PIECES, max_size=6).map("\n".join),
    st.sampled_from(list(Channel)),
    st.sampled_from(list(Direction)),
)
def test_turns_are_slices_of_the_transcript_in_order(
    text: str, channel: Channel, direction: Direction
) -> None:
    found = turns(text, channel, direction)
    assert all(text[t.start : t.start + len(t.text)] == t.text and t.text for t in found)
    ends = [t.start + len(t.text) for t in found]
    assert all(end <= later.start for end, later in zip(ends, found[1:], strict=False))
