"""Which of the things that were found are true.

A two-dimensional symbol corrects errors, and a wrong one does not survive that: one look is enough. A linear
symbol has one check digit or character at best, and damaged ones *are* misread: of 5,950 damaged pictures
zxing-cpp alone misread 15, zbar 60, at times through a dozen renderings of the same picture. So a
linear text counts when two looks have seen it, by another engine or on another rendering, and two more than
have seen any other text in its place. On the same 5,950 pictures nothing false was left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.images.finding import Finding, in_one_place

_CERTAIN = frozenset(("DataMatrix", "QRCode", "RMQRCode", "Aztec", "PDF417"))
_LOOKS_NEEDED = 2


class _Candidate:
    """A text in a place, and in how many looks it was seen.

    Its place is wherever it was seen: a look may show some lines of a symbol only.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.sights = [finding]
        self.seen = 0
        self.is_certain = finding.format in _CERTAIN

    def is_where(self, sights: list[Finding]) -> bool:
        return any(in_one_place(mine, other) for mine in self.sights for other in sights)


class Judge:
    """Hears what each look found, in pixels of one and the same picture."""

    def __init__(self) -> None:
        self._candidates: list[_Candidate] = []

    def hear(self, findings: Iterable[Finding]) -> None:
        """What one engine found in one look: a text in a place counts once.

        zbar gives one finding for a text that the picture shows twice, so a finding may be for several.
        """
        heard: set[int] = set()
        for finding in findings:
            same = [each for each in self._candidates if each.finding.text == finding.text]
            meant = [candidate for candidate in same if candidate.is_where([finding])]
            if not meant:
                meant = [_Candidate(finding)]
                self._candidates += meant
            for candidate in meant:
                candidate.sights.append(finding)
                if finding.engine == "zxing" and candidate.finding.engine != "zxing":
                    candidate.finding = finding  # which always knows the identifier, and the corners
                if id(candidate) not in heard:
                    heard.add(id(candidate))
                    candidate.seen += 1

    def accepted(self) -> list[Finding]:
        """What is true."""
        return [candidate.finding for candidate in self._candidates if self._is_accepted(candidate)]

    def doubts(self) -> set[str]:
        """The formats of what was seen and another look might decide."""
        return {
            each.finding.format
            for each in self._candidates
            if not self._is_accepted(each) and not self._is_overruled(each)
        }

    def _is_accepted(self, candidate: _Candidate) -> bool:
        against = max((rival.seen for rival in self._rivals(candidate)), default=0)
        if candidate.is_certain:
            return candidate.seen > against
        return candidate.seen >= _LOOKS_NEEDED and candidate.seen - against >= _LOOKS_NEEDED

    def _is_overruled(self, candidate: _Candidate) -> bool:
        return any(self._is_accepted(rival) for rival in self._rivals(candidate))

    def _rivals(self, candidate: _Candidate) -> Iterator[_Candidate]:
        """Those that read another text in its place. Lines do not overrule a two-dimensional symbol."""
        for other in self._candidates:
            if other is candidate or (candidate.is_certain and not other.is_certain):
                continue
            if candidate.is_where(other.sights):
                yield other
