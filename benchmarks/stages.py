"""Where the time of a reading goes: functions of the library, timed from outside, stage by stage.

The library holds no timers. `Clock.watch` puts a wrapper in the place of each function of STAGES, in every module of
the library that knows it by name. A stage's time is that of its functions without what other stages take within
them, except for a stage that is `whole`: what is called within it counts as its own. A name that is no longer there
is a LookupError: the table is to follow the library.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from typing import Any

LIBRARY = "extractors"
REST = "rest"
"""What no stage takes."""


@dataclass(frozen=True)
class Stage:
    name: str
    functions: tuple[str, ...]
    """Each as `module:name`, where the library defines it."""
    whole: bool = False


STAGES = (
    Stage("open, render", ("sources:inspect", "sources.pdf:render", "sources.pictures:decode")),
    Stage("text layer", ("reading:read_text", "reading:text_of")),
    Stage(
        "sheet, orientation",
        (
            "reading.sheet:find_sheet",
            "reading.sheet:flatten",
            "reading.orientation:find_rotation",
            "reading.orientation:turn",
        ),
        whole=True,
    ),
    Stage(
        "straighten",
        (
            "reading.straighten:ink_of",
            "reading.straighten:paper_of",
            "reading.straighten:is_shaded",
            "reading.straighten:even_light",
            "reading.straighten:level",
            "reading.straighten:without_lean",
            "reading.straighten:square",
        ),
    ),
    Stage("detect", ("reading.engine:Engine.detect",)),
    Stage(
        "rules, borders",
        (
            "reading.ghosts:without_ghosts",
            "reading.holes:without_holes",
            "reading.ruling:find_rules",
            "layout.borders:trace",
            "layout.columns:missing_columns",
            "reading.runs:find_runs",
            "reading.runs:find_headings",
        ),
    ),
    Stage("crops", ("reading.crops:ink_of_page", "reading.crops:find_crops", "reading.scan:_words")),
    Stage("recognise", ("reading.engine:Engine.recognise", "reading.engine:Engine.recognise_views")),
    Stage(
        "layout, forms",
        (
            "layout.flow:read_flow",
            "sections:read_sections",
            "headline:read_headline",
            "forms.reading:read_tables",
            "cells:read_cells",
        ),
    ),
    Stage("checks", ("checks.judgement:judge",)),
    Stage("second look", ("second_look:look_again",), whole=True),
)


@dataclass
class _Running:
    """A stage under way, and the seconds that other stages have taken within it."""

    stage: Stage
    started: float
    within: float = 0.0


@dataclass
class Clock:
    """Seconds of each stage, by name."""

    now: Callable[[], float] = time.process_time
    seconds: dict[str, float] = field(default_factory=dict)
    _running: list[_Running] = field(default_factory=list)

    @contextmanager
    def during(self, stage: Stage) -> Iterator[None]:
        """Time what happens within; nothing, where that is within a whole stage."""
        if self._running and self._running[-1].stage.whole:
            yield
            return
        running = _Running(stage, self.now())
        self._running.append(running)
        try:
            yield
        finally:
            self._running.pop()
            took = self.now() - running.started
            self.seconds[stage.name] = self.seconds.get(stage.name, 0.0) + took - running.within
            if self._running:
                self._running[-1].within += took

    def watch(self, stages: Sequence[Stage] = STAGES, loaded_only: bool = False) -> None:
        """Time the functions of the stages from now on, in this process; raises LookupError.

        With `loaded_only` the functions of modules that nobody has loaded yet are left alone: a page with text does
        without the engine, and its stages stay part of those that call them.
        """
        for stage in stages:
            for name in stage.functions:
                if loaded_only and f"{LIBRARY}.{name.partition(':')[0]}" not in sys.modules:
                    continue
                owner, attribute, function = find(name)
                timed = self._timed(function, stage)
                setattr(owner, attribute, timed)
                for module in [m for known, m in sys.modules.items() if known.split(".")[0] == LIBRARY]:
                    for known_as, value in list(vars(module).items()):
                        if value is function:
                            setattr(module, known_as, timed)

    def _timed(self, function: Callable[..., Any], stage: Stage) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.during(stage):
                return function(*args, **kwargs)

        return timed


def find(name: str) -> tuple[Any, str, Callable[..., Any]]:
    """The module or class that owns a function `module:name`, its name there, and itself; raises LookupError."""
    module, _, path = name.partition(":")
    try:
        owner: Any = import_module(f"{LIBRARY}.{module}")
        *classes, attribute = path.split(".")
        for one in classes:
            owner = getattr(owner, one)
        return owner, attribute, getattr(owner, attribute)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"{LIBRARY} has no {name}: benchmarks.stages is to follow it") from error
