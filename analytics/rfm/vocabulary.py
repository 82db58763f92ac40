"""Three vocabularies of customer segments over one engine of R, F and M scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Segment:
    """A name for a kind of customer.

    Attributes:
        name: The name.
        rule: Which scores it stands for, in words.
        advice: What to do about such customers.
        slipping: Whether these were better customers once and are drifting away.
    """

    name: str
    rule: str
    advice: str
    slipping: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """Names for all customers.

    Attributes:
        title: What it is called.
        segments: Its segments, best first.
        cells: For R 1 to 5 (outer) and FM 1 to 5 (inner) the place of the segment; empty where
            names follow from each of R, F, M lying above the mean score.
    """

    title: str
    segments: tuple[Segment, ...]
    cells: tuple[tuple[int, ...], ...] = ()

    def name(self, r: Scores, f: Scores, m: Scores, bins: int) -> npt.NDArray[np.object_]:
        """The segment of each customer, from scores of 1 to `bins`."""
        names = np.array([segment.name for segment in self.segments], dtype=object)
        if not self.cells:
            above = [scores > scores.mean() for scores in (r, f, m)]
            return names[7 - (4 * above[0] + 2 * above[1] + above[2])]  # type: ignore[no-any-return]
        places = np.array(self.cells)
        fm = (f + m + 1) // 2
        return names[places[_fifth(r, bins) - 1, _fifth(fm, bins) - 1]]  # type: ignore[no-any-return]


def _fifth(scores: Scores, bins: int) -> Scores:
    """A score of 1 to `bins` as one of 1 to 5: the fifth in which the middle of its share lies.

    >>> _fifth(np.array([1, 2, 3]), 3).tolist()
    [1, 3, 5]
    """
    return 1 + 5 * (2 * scores - 1) // (2 * bins)


ELEVEN = Vocabulary(
    "Eleven segments",
    (
        Segment(
            "Champions",
            "R 5, FM 4 to 5",
            "Reward them and ask for reviews; no discount needed. Show them new products first.",
        ),
        Segment(
            "Loyal",
            "R 3 to 4, FM 4 to 5",
            "Offer a loyalty programme and better versions of what they buy.",
        ),
        Segment(
            "Potential loyalists",
            "R 4 to 5, FM 2 to 3",
            "Recommend what goes with their last order; invite them to the loyalty programme.",
        ),
        Segment("New customers", "R 5, FM 1", "Welcome them and make the second order easy."),
        Segment("Promising", "R 4, FM 1", "Remind them of the shop with a small, useful offer."),
        Segment(
            "Needs attention",
            "R 3, FM 3",
            "A limited offer on what they bought before, while they still remember you.",
            slipping=True,
        ),
        Segment(
            "About to sleep",
            "R 3, FM 1 to 2",
            "Show best sellers and what is new; one reminder, not three.",
        ),
        Segment(
            "At risk",
            "R 1 to 2, FM 3 to 4",
            "Write personally about what they used to buy; a real reason to come back.",
            slipping=True,
        ),
        Segment(
            "Cannot lose them",
            "R 1 to 2, FM 5",
            "Call or write by hand; find out what went wrong before a rival does.",
            slipping=True,
        ),
        Segment("Hibernating", "R 2, FM 1 to 2", "Include in seasonal mailings only."),
        Segment("Lost", "R 1, FM 1 to 2", "One win-back try, then spend the money elsewhere."),
    ),
    (
        (10, 10, 7, 7, 8),
        (9, 9, 7, 7, 8),
        (6, 6, 5, 1, 1),
        (4, 2, 2, 1, 1),
        (3, 2, 2, 0, 0),
    ),
)

SIX = Vocabulary(
    "Six segments",
    (
        Segment("Champions", "R 4 to 5, FM 4 to 5", "Reward them; show them new products first."),
        Segment("Loyal", "R 3, FM 3 to 5, or R 4 to 5, FM 3", "Offer a loyalty programme."),
        Segment("Recent", "R 4 to 5, FM 1 to 2", "Welcome them and make the next order easy."),
        Segment("Needs attention", "R 3, FM 1 to 2", "Remind them with a limited, useful offer."),
        Segment(
            "At risk",
            "R 1 to 2, FM 3 to 5",
            "Write personally about what they used to buy.",
            slipping=True,
        ),
        Segment("Inactive", "R 1 to 2, FM 1 to 2", "Include in seasonal mailings only."),
    ),
    (
        (5, 5, 4, 4, 4),
        (5, 5, 4, 4, 4),
        (3, 3, 1, 1, 1),
        (2, 2, 1, 0, 0),
        (2, 2, 1, 0, 0),
    ),
)

EIGHT = Vocabulary(
    "Eight, Chinese practice",
    (
        Segment(
            "重要价值", "R, F and M above the mean", "High value: keep them close; reward them."
        ),
        Segment("一般价值", "R and F above the mean", "Frequent, small: raise the order value."),
        Segment(
            "重要发展", "R and M above the mean", "Big, rare: give reasons to come more often."
        ),
        Segment("一般发展", "only R above the mean", "New: make the second order easy."),
        Segment(
            "重要保持",
            "F and M above the mean",
            "Good, not seen lately: remind them personally.",
            slipping=True,
        ),
        Segment(
            "一般保持",
            "only F above the mean",
            "Frequent, small, not seen lately: a small reminder.",
            slipping=True,
        ),
        Segment(
            "重要挽留",
            "only M above the mean",
            "Spent much, long ago: one good win-back offer.",
            slipping=True,
        ),
        Segment(
            "一般挽留", "R, F and M at or below the mean", "Include in seasonal mailings only."
        ),
    ),
)

VOCABULARIES: dict[str, Vocabulary] = {"eleven": ELEVEN, "six": SIX, "eight": EIGHT}
