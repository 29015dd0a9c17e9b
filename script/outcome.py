"""What the parts of the full checks hand each other."""

import dataclasses
import typing


@dataclasses.dataclass
class Outcome:
    passed: int
    failed: list = dataclasses.field(default_factory=list)   # "NAME: what"
    skipped: list = dataclasses.field(default_factory=list)  # "NAME: why"
    note: str = ""                                           # for the results page, Markdown


@dataclasses.dataclass
class Item:
    name: str
    key: typing.Any  # what the result depends on besides the executable under test
    run: typing.Callable[[], Outcome]


@dataclasses.dataclass
class Check:
    name: str
    title: str
    items: typing.Callable
    explanation: str
