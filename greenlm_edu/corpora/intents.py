"""What customers of an imaginary lamp shop write to its service desk, generated: which desk should get the message?

A message asks for one thing. Most also name another that is not wanted (“There is no need to send it back.”), in the
very words in which others ask for it: which words occur says little, what is denied says all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenlm_edu.corpora.collection import Collection
from greenlm_edu.corpora.datasheet import Datasheet
from greenlm_edu.corpora.draw import Draw
from greenlm_edu.corpora.labelled import Labelled, with_noise
from greenlm_edu.corpora.splitting import check_size, sentences_of, split_apart

__all__ = ["LABELS", "read"]

LABEL_NOISE: Final = 0.04

# intent -> (how customers say what happened to them; what they may want, or not want, to do).
_INTENTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "track_order": (
        ("where is my {item}, order {order}", "order {order} with the {item} has still not come",
         "has the {item} of order {order} been shipped yet"),
        ("know when the {item} of {order} will arrive", "follow the parcel {order} with the {item}",
         "find out where the {item} from {order} is"),
    ),
    "cancel_order": (
        ("I ordered the {item} twice, once too often with {order}", "I changed my mind about the {item} in {order}",
         "order {order} for the {item} was a mistake of mine"),
        ("cancel order {order} for the {item}", "call off the {item} of {order} before it is shipped",
         "stop the second {item} in {order}"),
    ),
    "return_item": (
        ("the {item} from {order} does not suit my room",
         "which label goes on the parcel if the {item} of {order} goes back",
         "the {item} in {order} is not what I had imagined"),
        ("send the {item} from {order} back", "return the {item}, order {order}", "exchange the {item} of {order}"),
    ),
    "refund": (
        ("you have the {item} of {order} back, where is my money", "I was charged twice for the {item} in {order}",
         "the price of the {item} fell a day after {order}"),
        ("get my money back for the {item} of {order}", "be paid the difference for the {item}, {order}",
         "have the payment for the {item} in {order} undone"),
    ),
    "broken_item": (
        ("the {item} from order {order} flickers", "my {item} arrived cracked, order {order}",
         "the switch of the {item} in {order} gets hot"),
        ("have the {item} of {order} repaired", "report a fault in the {item}, {order}",
         "get the missing screw for the {item} from {order}"),
    ),
    "change_address": (
        ("the street on order {order} for the {item} is wrong", "I am moving before the {item} of {order} arrives",
         "I mistyped my postcode for the {item} in {order}"),
        ("have the {item} of {order} sent to my office", "give a new address for the {item}, {order}",
         "let my neighbour take the {item} from {order}"),
    ),
    "invoice": (
        ("the bill for the {item}, {order}, shows the wrong tax", "no receipt came with the {item} of {order}",
         "our company's name is missing on the bill for {order}, the {item}"),
        ("get an invoice for the {item}, order {order}", "have the receipt for the {item} of {order} again",
         "correct the bill for the {item} in {order}"),
    ),
    "product_question": (
        ("how many watts does the {item} use, I saw it as {order}",
         "does the {item} listed as {order} fit an E27 socket",
         "is the {item}, number {order}, safe for a bathroom"),
        ("know whether the {item} with number {order} can be dimmed",
         "find out how bright the {item}, number {order}, is",
         "learn which colours the {item} listed as {order} comes in"),
    ),
    "account": (
        ("my password fails when I look up {order}, the {item}", "I cannot log in to see the {item} in {order}",
         "the code to sign in never comes, I wanted to check the {item}, {order}"),
        ("change the e-mail on my account with {order}, the {item}",
         "delete my account now that I have the {item} of {order}",
         "sign in to see the {item} of {order}"),
    ),
}  # fmt: skip
_WANTED: Final = (
    "I want to {action}", "I need to {action}", "could you help me {action}", "how can I {action}",
    "is there a way to {action}", "I would like to {action}", "all I ask is to {action}",
)  # fmt: skip
_NOT_WANTED: Final = (
    "I do not want to {action}", "I no longer need to {action}", "you need not help me {action}",
    "I was told how I can {action}", "there is no need to {action}", "I would not like to {action}",
    "I am not asking to {action}",
)  # fmt: skip
LABELS: Final = tuple(_INTENTS)
_KINDS: Final = ("desk", "floor", "reading", "garden", "ceiling", "wall", "bedside", "kitchen", "bicycle")
_LOOKS: Final = ("green", "brass", "white", "small", "large", "paper", "glass", "wooden", "black", "round")
_BEFORE: Final = ("hello, ", "hi there, ", "good morning, ", "dear team, ", "sorry to bother you, ", "")
_AFTER: Final = (", thanks", ", please help", " – thank you in advance", ", it is urgent", ", kind regards", "", "", "")

_DATASHEET: Final = Datasheet(
    motivation="A task with several classes that runs offline, whose label noise is known.",
    composition="3,000 English messages, nine intents, about equally frequent; seven in ten name a second intent "
    "that is not meant; one in eight has a typing error, one in four no capitals.",
    making="Generated by greenlm_edu.corpora.intents from patterns with a seed. No sentence stands in two splits; the "
    "patterns do, as customers' phrases would.",
    label_noise="Each label was replaced by another with probability 0.04, in every split; `true_label` tells the "
    "truth.",
    limits="Made up: real customers are more varied, angrier, and ask for two things at once. The shop, its orders and "
    "its products do not exist.",
    uses="Lesson 06: precision and recall for each class, confusion matrices, reading a model's mistakes.",
)


def read(seed: int = 0, examples: int = 3_000) -> Collection[Labelled]:
    """Messages labelled with one of nine intents.

    Args:
        seed: the same seed gives the same messages, on every Python version.
        examples: how many in all, 20 or more.
    Raises:
        InputError: fewer than 20 examples, or more than the generator can tell apart.
    """
    check_size("intents.read", examples)
    train, validation, test = split_apart(_messages(Draw(seed)), examples, lambda message: sentences_of(message.text))
    source = f"greenlm_edu.corpora.intents, seed {seed}"
    return Collection("intents", train, validation, test, "BSD-3-Clause", source, _DATASHEET)


def _messages(draw: Draw) -> Iterator[Labelled]:
    while True:
        intent = draw.one_of(LABELS)
        happened, actions = _INTENTS[intent]
        asked = draw.one_of(_WANTED).format(action=draw.one_of(actions)) if draw.chance(0.6) else draw.one_of(happened)
        parts = [f"{draw.one_of(_BEFORE)}{_filled(draw, asked)}{draw.one_of(_AFTER)}"]
        if draw.chance(0.7):
            second = draw.one_of([other for other in LABELS if other != intent])
            denied = draw.one_of(_NOT_WANTED).format(action=draw.one_of(_INTENTS[second][1]))
            parts.insert(draw.integer(0, 1), _filled(draw, denied))
        text = " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)
        if draw.chance(0.25):
            text = text.lower()
        if draw.chance(0.125):
            text = _mistyped(draw, text)
        yield with_noise(text, intent, LABELS, LABEL_NOISE, draw)


def _filled(draw: Draw, pattern: str) -> str:
    item = f"{draw.one_of(_LOOKS)} {draw.one_of(_KINDS)} lamp"
    return pattern.format(item=item, order=f"{draw.one_of('ABCDEFGH')}{draw.integer(1000, 9999)}")


def _mistyped(draw: Draw, text: str) -> str:
    """The text with two neighbouring letters swapped."""
    places = [place for place in range(len(text) - 1) if text[place : place + 2].isalpha()]
    place = draw.one_of(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
