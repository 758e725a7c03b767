"""Labels a second in every format, beside bare python-barcode drawing the same bars.

    python -m benchmarks.bench_labels

The yardstick draws one Code 128 with its text through python-barcode's own writers: no Chinese, no
layout, no size to keep to, and nothing is read back. Rounds alternate between the two and the best
of several counts, so that a busy machine slows both alike.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from time import perf_counter, process_time

from barcode.codex import Code128
from barcode.writer import ImageWriter, SVGWriter

from scanners import inhouse
from scanners.labels import Label, render

LABELS = 1_000
PICTURES = 100
ROUNDS = 3
GOAL_SECONDS = 3.0


def _units(symbology: str) -> list[Label]:
    """A receipt of so many stents: one name, a number each."""
    lines = ("药物洗脱冠状动脉支架系统", "3.0×18 mm · RX-3018", "批号 A20261121", "效期 2028-11-30")
    texts = (
        [f"(01)06901234567892(17)281130(10)LOT42A(21)SN{number:06}" for number in range(LABELS)]
        if symbology.startswith("gs1")
        else [inhouse.make(number) for number in range(LABELS)]
    )
    return [Label(text, lines, names=2) for text in texts]


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """By the clock on the wall, and of this process: on a busy machine they differ."""
    start, began = perf_counter(), process_time()
    work()
    return perf_counter() - start, process_time() - began


def main() -> None:
    """Print two tables: a thousand labels as a file, and single pictures beside python-barcode."""
    print(
        f"{'1,000 labels':<34}{'seconds':>9}{'labels/s':>10}{'KiB':>8}{'of ' + str(GOAL_SECONDS) + ' s':>9}"
    )
    for format, symbology, stock in (
        ("pdf", "code128", "40x30"),
        ("pdf", "code128", "L7160"),
        ("pdf", "datamatrix", "L7651"),
        ("pdf", "gs1-datamatrix", "60x40"),
        ("pdf", "gs1-128", "100x70"),
        ("pdf", "qr", "50x30"),
        ("zpl", "code128", "40x30"),
        ("svg", "code128", "40x30"),
    ):
        labels = _units(symbology)

        def whole(
            labels: list[Label] = labels, how: tuple[str, str, str] = (format, symbology, stock)
        ) -> bytes:
            return render(labels, format=how[0], symbology=how[1], stock=how[2])

        size = len(whole())
        best, busy = (min(one) for one in zip(*(_seconds(whole) for _ in range(ROUNDS)), strict=True))
        share = f"{best / GOAL_SECONDS:.0%}" if format == "pdf" else ""
        name = f"{format.upper()} {symbology} on {stock}"
        print(f"{name:<34}{best:>9.2f}{busy:>8.2f}{LABELS / best:>10,.0f}{size / 1024:>8,.0f}{share:>9}")

    print(
        f"\n{'one picture each':<34}{'labels/s':>10}{'python-barcode':>16}{'ratio':>8}{'bytes':>8}{'its':>8}"
    )
    labels = _units("code128")[:PICTURES]
    for format, writer in (("png", ImageWriter), ("svg", SVGWriter)):

        def ours(format: str = format) -> list[bytes]:
            return [render([label], format=format, stock="40x30") for label in labels]

        def theirs(writer: Callable[[], object] = writer) -> list[bytes]:
            return [_bare(label.text, writer()) for label in labels]

        sizes = [sum(map(len, made())) / PICTURES for made in (ours, theirs)]
        rounds = [(_seconds(ours)[0], _seconds(theirs)[0]) for _ in range(ROUNDS)]
        rates = [PICTURES / min(one[side] for one in rounds) for side in (0, 1)]
        print(
            f"{format.upper() + ' code128 on 40x30, 5 lines':<34}{rates[0]:>10,.0f}{rates[1]:>16,.0f}"
            f"{rates[0] / rates[1]:>8.1f}{sizes[0]:>8,.0f}{sizes[1]:>8,.0f}"
        )


def _bare(text: str, writer: object) -> bytes:
    out = BytesIO()
    Code128(text, writer=writer).write(out)
    return out.getvalue()


if __name__ == "__main__":
    main()
