"""Every movement of a hand with a camera, played to what decides when a code is scanned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

PLAY = """async (looks) => {
  const {Aim} = await import("/static/scan/aim.js");
  const aim = new Aim();
  return looks.map(({choices, at, take, forget, dismiss}) => {
    if (forget) aim.forget();
    if (dismiss) aim.dismiss();
    if (take) aim.take(take);
    if (!choices) return null;
    const {state, scan, offer} = aim.look(choices, at);
    return [state, scan?.raw_b64 ?? null, offer.map((one) => one.choice.raw_b64 + (one.done ? "!" : ""))];
  });
}"""
STEP = 250  # ms from one look to the next


class Hand:
    """A camera held by somebody: what it looks at, one look after the other."""

    def __init__(self) -> None:
        self.looks: list[dict[str, Any]] = []
        self.now = 0

    def see(self, *choices: dict[str, Any], looks: int = 1, step: int = STEP) -> Hand:
        for _ in range(looks):
            self.now += step
            self.looks.append({"choices": list(choices), "at": self.now})
        return self

    def wait(self, milliseconds: int) -> Hand:
        """Time in which no look was answered: the server was away."""
        self.now += milliseconds
        return self

    def tap(self, choice: dict[str, Any]) -> Hand:
        self.looks.append({"take": choice})
        return self

    def none_of_them(self) -> Hand:
        self.looks.append({"dismiss": True})
        return self

    def begin_again(self) -> Hand:
        self.looks.append({"forget": True})
        return self


def choice(name: str, parts: tuple[str, ...] = (), *, certain: bool = True, **said: Any) -> dict[str, Any]:
    reading = {"agency": "GS1", "di": name, "lot": "L1", "serial": None, "expiry": None, **said}
    device = {"device": reading["agency"] != "UNKNOWN"}
    return {
        "raw_b64": name,
        "parts": list(parts or (name,)),
        "certain": certain,
        "reading": reading,
        **device,
    }


A, B = choice("A"), choice("B")
BARE = choice("bare", di="A", lot=None)
OTHER = choice("text", di=None, lot=None, agency="UNKNOWN", certain=False)


@pytest.fixture(scope="module")
def play(process, hospital):
    """`play(hand)` → what was scanned, and what each look said."""
    visitor = Visitor(process, hospital, "nurse")

    def run(hand: Hand) -> tuple[list[str], list[Any]]:
        said = [one for one in visitor.page.evaluate(PLAY, hand.looks) if one]
        return [scan for _, scan, _ in said if scan], said

    yield run
    visitor.leave()
    assert visitor.problems == []


def test_one_look_proves_nothing_and_a_second_does(play):
    scans, said = play(Hand().see().see(A).see(A))
    assert scans == ["A"]
    assert [state for state, _, _ in said] == ["aim", "steady", "got"]


def test_a_code_that_stays_is_scanned_once(play):
    scans, said = play(Hand().see(A, looks=40))
    assert scans == ["A"]
    assert said[-1][0] == "hold"


def test_a_look_that_misses_it_is_no_leaving(play):
    hand = Hand()
    for _ in range(10):
        hand.see(A, looks=2).see(looks=3)  # 750 ms in which it is blurred
    assert play(hand)[0] == ["A"]


def test_after_leaving_the_view_it_is_a_new_scan(play):
    away = Hand().see(A, looks=4).see(looks=6).see(A, looks=4)  # out of view for 1,250 ms
    assert play(away)[0] == ["A"]
    away = Hand().see(A, looks=4).see(looks=7).see(A, looks=4)
    assert play(away)[0] == ["A", "A"]


def test_while_nobody_answers_nothing_leaves_the_view(play):
    assert play(Hand().see(A, looks=4).wait(20_000).see(A, looks=4))[0] == ["A"]
    assert play(Hand().see(A, looks=4).see().wait(20_000).see(A, looks=4))[0] == ["A"]


def test_another_code_in_between_makes_it_new(play):
    assert play(Hand().see(A, looks=4).see(B, looks=4).see(A, looks=4))[0] == ["A", "B", "A"]


def test_two_in_one_picture_are_a_question_and_never_scanned(play):
    scans, said = play(Hand().see(A, B, looks=20))
    assert scans == []
    assert said[0] == ["choose", None, ["A", "B"]] and said[-1] == said[0]


def test_two_that_are_seen_by_turns_are_a_question_too(play):
    hand = Hand()
    for _ in range(8):
        hand.see(A).see(B)
    scans, said = play(hand)
    assert scans == []
    assert said[-1] == ["choose", None, ["A", "B"]]


def test_passing_from_one_to_the_next_asks_nothing(play):
    scans, said = play(Hand().see(A, looks=4).see(B, looks=4))
    assert scans == ["A", "B"]
    assert "choose" not in [state for state, _, _ in said]


def test_what_was_chosen_is_not_scanned_again_by_itself(play):
    hand = Hand().see(A, B, looks=3).tap(A).see(A, B, looks=3)
    scans, said = play(hand)
    assert scans == [] and said[-1][2] == ["A!", "B"]
    scans, said = play(hand.see(A, looks=11))
    assert scans == [] and said[-1][0] == "hold"
    assert said[-2] == ["choose", None, ["A!", "B"]]


def test_going_closer_to_one_of_several_means_it(play):
    passing_by, staying = (Hand().see(A, B, looks=3).see(B, looks=looks) for looks in (10, 11))
    assert play(passing_by)[0] == []
    assert play(staying)[0] == ["B"]


def test_a_question_stands_while_a_code_is_missed(play):
    asked = ["choose", None, ["A", "B"]]
    hand = Hand().see(A, B, looks=2)
    for _ in range(4):
        hand.see(B, looks=4).see(looks=3).see(A, looks=1).see(A, B)
    scans, said = play(hand)
    assert scans == [] and said == [asked] * len(said)
    assert play(Hand().see(A, B, looks=2).see(looks=12))[1][-1][0] == "aim"
    scans, said = play(Hand().see(A, B, looks=2).see(choice("C"), looks=4))
    assert scans == ["C"]


def test_a_question_that_was_dismissed_is_not_asked_again(play):
    scans, said = play(Hand().see(A, B, looks=2).none_of_them().see(A, looks=4))
    assert scans == [] and said[-1][0] == "hold"


def test_a_bare_code_waits_for_its_fuller_sister(play):
    full = choice("full", parts=("full", "bare"), di="A")
    assert play(Hand().see(BARE, looks=3).see(full, looks=6))[0] == ["full"]
    assert play(Hand().see(BARE, looks=4))[0] == []
    assert play(Hand().see(BARE, looks=8))[0] == ["bare"]


def test_what_comes_into_focus_later_is_the_same_piece(play):
    alone = choice("full", di="A")  # seen without the bare code beside it
    assert play(Hand().see(BARE, looks=8).see(alone, looks=8))[0] == ["bare"]
    another = choice("another", di="A", lot="L2")
    assert play(Hand().see(A, looks=4).see(another, looks=4))[0] == ["A", "another"]


def test_of_a_pack_with_two_codes_the_second_follows_the_first(play):
    first = choice("first", lot=None)
    both = choice("both", parts=("first", "second"), di="first")
    assert play(Hand().see(first, looks=2).see(both, looks=9).see(first).see(both, looks=9))[0] == ["both"]
    assert play(Hand().see(first, looks=8).see(both, looks=9))[0] == ["first", "second"]
    in_gs1 = both | {"certain": False}  # which nothing proves
    assert play(Hand().see(first, looks=8).see(in_gs1, looks=9))[0] == ["first"]


def test_what_is_no_device_is_offered_and_never_scanned_by_itself(play):
    scans, said = play(Hand().see(OTHER, looks=4))
    assert said[-1][0] == "steady"
    scans, said = play(Hand().see(OTHER, looks=20))
    assert scans == [] and said[-1] == ["choose", None, ["text"]]
    scans, said = play(Hand().see(OTHER, looks=20).tap(OTHER).see(OTHER, looks=5))
    assert said[-1][0] == "hold"


def test_turned_on_again_the_same_code_is_meant(play):
    assert play(Hand().see(A, looks=4).begin_again().see(A, looks=4))[0] == ["A", "A"]
