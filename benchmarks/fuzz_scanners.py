"""Millions of texts for `scanners.parse`: nothing raises, nothing is slow, no damage becomes another device.

    python -m benchmarks.fuzz_scanners --count 10000000 --processes 2 --seed 1

The inputs come in chunks, each made from the seed and the chunk's number alone: `--chunk N` gives one
again, whatever the number of processes was. Exit status 1 if anything was found.

A valid code with one accident in it must read as the same device or as an error. What strict reading
cannot see is counted by class and shown: a shifted number with a right check digit (one GTIN in ten), two
swapped characters of HIBC, all of ICCBBA and MA, which have no check. Reached through a *repair* it is a
finding. What several accidents and a repair made together is shown for a person to judge.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from random import Random

from benchmarks.fuzzing import texts
from benchmarks.fuzzing.codes import valid_code
from benchmarks.fuzzing.damage import edited, known_damage
from benchmarks.fuzzing.judging import Judge, Parse, Tally, identity, mended, saying, shown
from scanners import ErrorCode, Scan, parse

CHUNK = 20_000
TELL_EVERY_SECONDS = 30.0


def no_code(make: Callable[[Random], str | bytes], judge: Judge, dice: Random) -> None:
    """A text that is nobody's."""
    judge.read(make(dice), caps_lock=dice.random() < 0.02)


def valid(judge: Judge, dice: Random) -> None:
    """A code as it was printed names the device it was made for."""
    code = valid_code(dice)
    scan = judge.read(code.text)
    judge.tally.codes_made[code.form] += 1
    if scan is None:
        return
    if scan.di is not None and scan.di != code.di:
        judge.tally.find(f"{code.form} read as another device", shown(code.text))
    elif scan.error is None or (code.di is None and scan.error.code is ErrorCode.MISSING_DI):
        judge.tally.codes_read[code.form] += 1
    else:
        judge.tally.except_(f"{code.form} as printed is an error: {scan.error.code}", shown(code.text))


def accident(judge: Judge, dice: Random) -> None:
    """A code to which one thing, or several, happened that nobody could foresee."""
    code = valid_code(dice)
    text, kind = edited(dice, code.text)
    times = dice.choice((1, 1, 1, 2, 3))
    for _ in range(times - 1):
        text = edited(dice, text or " ")[0]
    scan = judge.read(text)
    if scan is None or scan.error is not None or identity(scan)[1] is None:
        return
    original = parse_once(judge, code.text)
    if original is None or identity(scan) == identity(original) or scan.di == code.di is not None:
        return
    how = "+".join(mended(scan))
    example = f"{shown(code.text)} → {shown(text)} read as {scan.di or scan.serial}"
    if not how:
        judge.tally.except_(f"{code.form} → another item of {scan.agency}, read as it came", example)
    elif times == 1:
        judge.tally.find(f"{code.form} → another item of {scan.agency}: {kind}, by {how}", example)
    else:
        judge.tally.except_(f"{code.form} → another item of {scan.agency}: accidents, by {how}", example)


def known(judge: Judge, dice: Random) -> None:
    """A code to which something happened that scanners and keyboards are known to do."""
    code = valid_code(dice)
    text, kind = known_damage(dice, code.text)
    is_single = dice.random() < 0.7
    if not is_single:
        text, kind = known_damage(dice, text or " ")[0], "two damages"
    scan = judge.read(text)
    if scan is None or scan.error is not None:
        return
    original = parse_once(judge, code.text)
    if original is None or original.error is not None or saying(scan) == saying(original):
        return
    how = "+".join(mended(scan))
    other = "item" if identity(scan) != identity(original) else "production data"
    example = f"{shown(code.text)} → {shown(text)} read as {saying(scan)}"
    if not how:
        judge.tally.except_(f"{original.agency} → other {other}: {kind}, read as it came", example)
    elif is_single:
        judge.tally.find(f"{code.form} → other {other}: {kind}, by {how}", example)
    else:
        judge.tally.except_(f"{original.agency} → other {other}: {kind}, by {how}", example)


def parse_once(judge: Judge, text: str) -> Scan | None:
    """What the sound code says."""
    scan = judge.read(text)
    judge.tally.inputs -= 1  # it is not counted, being no input of its own
    return scan


# How many of a thousand inputs each makes.
GENERATORS: dict[str, tuple[int, Callable[[Judge, Random], None]]] = {
    "random bytes": (80, partial(no_code, texts.random_bytes)),
    "random unicode": (60, partial(no_code, texts.random_unicode)),
    "random ASCII": (80, partial(no_code, texts.random_ascii)),
    "pieces of codes": (220, partial(no_code, texts.glued_pieces)),
    "codes glued together": (60, partial(no_code, texts.glued_codes)),
    "valid codes": (100, valid),
    "codes after an accident": (280, accident),
    "codes after known damage": (115, known),
    "long texts": (5, partial(no_code, texts.long_text)),
}
HUGE_IN_CHUNK = 2


def fuzz_chunk(number: int, seed: int, size: int = CHUNK, judged: Parse = parse) -> Tally:
    """The inputs of one chunk, judged."""
    dice = Random(f"{seed}/{number}")
    judge = Judge(judged)
    names, weights = list(GENERATORS), [weight for weight, _ in GENERATORS.values()]
    began = time.perf_counter()
    with judge.watching():
        for name in dice.choices(names, weights, k=size - HUGE_IN_CHUNK):
            GENERATORS[name][1](judge, dice)
            judge.tally.by_generator[name] += 1
        for _ in range(HUGE_IN_CHUNK):
            no_code(texts.huge_text, judge, dice)
            judge.tally.by_generator["huge texts"] += 1
    judge.tally.seconds = time.perf_counter() - began
    return judge.tally


def fuzz(count: int, processes: int, seed: int, seconds: float | None) -> Tally:
    """Chunk after chunk, until there were enough or the time is over."""
    total, began = Tally(), time.monotonic()
    told = began
    chunks = range(-(-count // CHUNK))
    with get_context("spawn").Pool(processes) as pool:
        for tally in pool.imap_unordered(partial(fuzz_chunk, seed=seed), chunks):
            total.add(tally)
            for what, examples in tally.findings.items():
                print(f"FOUND {what}: {examples[0]}", flush=True)
            now = time.monotonic()
            if now - told > TELL_EVERY_SECONDS:
                told = now
                found = sum(total.counts[what] for what in total.findings)
                print(f"… {total.inputs:,} inputs, {now - began:.0f} s, {found} findings", flush=True)
            if seconds is not None and now - began > seconds:
                break
    total.seconds = time.monotonic() - began
    return total


def report(total: Tally, seed: int) -> None:
    """What was found, what strict reading cannot see, and one line for the log."""
    print(
        "\ninputs by generator: " + ", ".join(f"{name} {n:,}" for name, n in total.by_generator.most_common())
    )
    print("errors by code: " + ", ".join(f"{name} {n:,}" for name, n in total.errors.most_common()))
    print("\nvalid codes read as the device they were made for:")
    for form, made in sorted(total.codes_made.items()):
        print(f"  {form:<26}{total.codes_read[form]:>9,} of {made:,}")
    for title, noted in (("exceptions", total.exceptions), ("FINDINGS", total.findings)):
        print(f"\n{title}: {sum(total.counts[what] for what in noted):,} of {len(noted)} classes")
        for what in sorted(noted, key=lambda what: -total.counts[what]):
            print(f"  {total.counts[what]:>8,}  {what}")
            for example in noted[what][: 3 if noted is total.findings else 1]:
                print(f"            {example}")
    print(f"\nslowest: {total.slowest_seconds * 1000:.2f} ms, {total.slowest_text}")
    found = sum(total.counts[what] for what in total.findings)
    told = f"{total.inputs:,} inputs, {total.seconds:.0f} s, {total.inputs / total.seconds:,.0f}/s"
    print(f"fuzz_scanners: seed {seed}, {told}, {found} findings")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz_scanners", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="how many inputs")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.add_argument("--chunk", type=int, help="only this chunk, in this process")
    given = parser.parse_args(arguments)
    if given.chunk is not None:
        total = fuzz_chunk(given.chunk, given.seed)
    else:
        total = fuzz(given.count, given.processes, given.seed, given.seconds)
    report(total, given.seed)
    return 1 if total.findings else 0


if __name__ == "__main__":
    sys.exit(main())
