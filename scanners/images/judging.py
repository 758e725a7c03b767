"""Which of the things that were found are true.

A two-dimensional symbol corrects errors, and a wrong one does not survive that: one look is enough (two for
a PDF417, which may have next to nothing to correct by: a blurred one was read as gibberish). A linear symbol
has one check digit or character at best, and damaged ones *are* misread: of 5,950 damaged pictures zxing-cpp
alone misread 15, zbar 60, at times through a dozen renderings of the same picture. So a linear text counts
when two looks have seen it, by another engine or on another rendering, and two more than have seen any other
text in its place. On the same 5,950 pictures nothing false was left.
"""

from __future__ import annotations

from collections.abc import Iterable

from scanners.images.finding import Finding
from scanners.images.place import Place, Point

_MATRIX = frozenset(("DataMatrix", "QRCode", "RMQRCode", "Aztec", "PDF417"))
_CERTAIN = _MATRIX - {"PDF417"}
_LOOKS_NEEDED = 2
_HALF = 6  # digits of an EAN-13, the check digit among them


class _Candidate:
    """A text in a place, and in how many looks it was seen.

    Its place is wherever it was seen: a look may show some lines of a symbol only. ``rivals`` read another
    text there. ``in_matrix``: it lies in a two-dimensional symbol, whose modules may look like bars.
    """

    def __init__(self, finding: Finding, place: Place) -> None:
        self.finding = finding
        self._places: list[Place] = []
        self._extent = place.extent
        self.seen = 0
        self.is_matrix = finding.format in _MATRIX
        self.rivals: list[_Candidate] = []
        self.in_matrix = False

    def is_at(self, place: Place) -> bool:
        return self._extent.meets(place.extent) and any(place.is_one_with(mine) for mine in self._places)

    def is_crossed(self, points: Iterable[Point]) -> bool:
        return any(
            self._extent.holds(x, y) and any(mine.holds(x, y) for mine in self._places) for x, y in points
        )

    def is_all_over(self, other: _Candidate) -> bool:
        """Whether lines that saw its text crossed the other, which says the same."""
        return self.finding.text == other.finding.text and other.is_crossed(self.finding.crossed)

    def put(self, place: Place) -> None:
        """It was seen there, too."""
        self._places.append(place)
        self._extent = self._extent.with_(place.extent)

    def lies_in(self, other: _Candidate) -> bool:
        if not self._extent.meets(other._extent):
            return False
        return any(mine.lies_in(theirs) for mine in self._places for theirs in other._places)

    def is_accepted(self) -> bool:
        lead = self.seen - max((rival.seen for rival in self.rivals), default=0)
        needed = 1 if self.finding.format in _CERTAIN else _LOOKS_NEEDED
        return lead >= needed and not self.in_matrix

    def is_doubtful(self) -> bool:
        """Neither accepted nor overruled."""
        overruled = self.in_matrix or any(rival.is_accepted() for rival in self.rivals)
        return not overruled and not self.is_accepted()


class Judge:
    """Hears what each look found, in pixels of one and the same picture."""

    def __init__(self) -> None:
        self._candidates: list[_Candidate] = []

    def hear(self, findings: Iterable[Finding]) -> None:
        """What one engine found in one look: a text in a place counts once.

        zbar gives one finding for a text that the picture shows twice, so a finding may be for several. Of an
        EAN beside another it says that it ends in that one: where zxing-cpp saw a symbol, that is its place.
        """
        heard: list[_Candidate] = []
        for finding in findings:
            place = Place(finding.outline)
            same = [each for each in self._candidates if each.finding.text == finding.text]
            meant = [each for each in same if each.is_at(place) or each.is_crossed(finding.crossed)]
            if not meant:
                meant = [_Candidate(finding, place)]
                self._candidates += meant
            for candidate in meant:
                is_placed = candidate.seen > 0 and candidate.finding.engine == "zxing"
                if finding.engine == "zxing" and candidate.finding.engine != "zxing":
                    candidate.finding = finding  # which always knows the identifier, and the corners
                if candidate not in heard:
                    heard.append(candidate)
                    candidate.seen += 1
                if finding.engine == "zxing" or not is_placed:
                    self._put(candidate, place)

    def knows(self, finding: Finding) -> bool:
        """Whether it was heard of by its text."""
        return any(each.finding.text == finding.text for each in self._candidates)

    def accepted(self) -> list[Finding]:
        """What is true. What zbar saw all over the picture is what zxing-cpp saw here and there."""
        accepted = [candidate for candidate in self._candidates if candidate.is_accepted()]
        apart = [candidate for candidate in accepted if not candidate.finding.crossed]
        return [each.finding for each in accepted if not any(each.is_all_over(other) for other in apart)]

    def doubts(self) -> set[str]:
        """The formats of what was seen and another look might decide."""
        return {candidate.finding.format for candidate in self._candidates if candidate.is_doubtful()}

    def _put(self, candidate: _Candidate, place: Place) -> None:
        """Tell the candidate, and all others, of one more place where it was seen."""
        candidate.put(place)
        for other in self._candidates:
            if other.is_matrix != candidate.is_matrix:
                bars, matrix = (other, candidate) if candidate.is_matrix else (candidate, other)
                bars.in_matrix = bars.in_matrix or bars.lies_in(matrix)
            elif not _may_both_be_true(other, candidate) and (
                other.is_at(place) or _share_a_half(other.finding, candidate.finding)
            ):
                candidate.rivals.append(other)
                other.rivals.append(candidate)


def _may_both_be_true(one: _Candidate, other: _Candidate) -> bool:
    """Or are known as rivals already."""
    return one.finding.text == other.finding.text or one in other.rivals


def _share_a_half(one: Finding, other: Finding) -> bool:
    """Whether two EAN-13 end alike: hardly two articles', but a bent one's that was read beside itself."""
    return one.format == other.format == "EAN13" and one.text[-_HALF:] == other.text[-_HALF:]
