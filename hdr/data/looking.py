"""Labelled data to what will hurt when a model learns from it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hdr.data.class_folders import Divided

FEW = 10
"""Fewer samples than these teach next to nothing."""
_UNEVEN = 10
"""How many times as many samples one label may have as another."""
_SHOWN = 5


def warnings_of(data: Divided) -> Iterator[str]:
    """Yield what a person should know before training, the worst first."""
    learn, test = data.learn.count(), data.test.count()
    few = {name: n for name, n in learn.items() if n < FEW}
    yield from (_few(name, n) for name, n in few.items()) if len(few) <= _SHOWN else [_few_of_many(few)]
    unseen = [name for name, n in test.items() if not n]
    if unseen:
        yield f"Nothing to test on for {_named(unseen)}: how well it is read will not be known."
    if data.across:
        yield (
            f"{len(data.across):,} pictures to test on are also learned from, such as {data.across[0]}: "
            "the accuracy will look better than it is. Take them out of one part."
        )
    most, least = max(learn.values(), default=0), min((n for n in learn.values() if n), default=0)
    if most > _UNEVEN * least:
        yield f"One label has {most:,} samples and another {least:,}: what is rare will be taken for what is not."
    if data.left_out:
        yield f"{len(data.left_out):,} left out, such as: {data.left_out[0]}"


def _few(name: str, n: int) -> str:
    if n == 0:
        return f"Nothing to learn {name!r} from. Add pictures, or remove the label."
    if n == 1:
        return f"{name!r} has one picture to learn from. A label that appears once is often a slip of the pen."
    return f"{name!r} has {n} pictures to learn from. Add more: {FEW} at the very least."


def _few_of_many(few: Mapping[str, int]) -> str:
    least = sorted(few, key=few.__getitem__)
    told = [f"{name} ({few[name]})" for name in least[:_SHOWN]]
    return f"{len(few):,} labels have fewer than {FEW} pictures to learn from, such as {', '.join(told)}. Add more."


def _named(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else "")


def counts_of(data: Divided) -> Mapping[str, tuple[int, int]]:
    """Return, by label, how many samples are learned from and how many tested on."""
    test = data.test.count()
    return {name: (n, test[name]) for name, n in data.learn.count().items()}
