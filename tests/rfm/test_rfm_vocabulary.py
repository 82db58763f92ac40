"""The written rule of every segment is what its customers are named by."""

import re
from fractions import Fraction
from itertools import product
from math import floor

import numpy as np
import pytest

from analytics.rfm import VOCABULARIES, Segment, Vocabulary

SPAN = r"(\d)(?: to (\d))?"
RULE = re.compile(f"R {SPAN}, FM {SPAN}")
GRIDS = ["eleven", "six"]


def cells(segment: Segment) -> list[tuple[int, int]]:
    """The cells (R, FM) that a rule such as `R 3 to 4, FM 4 to 5` speaks of."""
    found = []
    for r_from, r_to, fm_from, fm_to in RULE.findall(segment.rule):
        found += product(
            range(int(r_from), int(r_to or r_from) + 1),
            range(int(fm_from), int(fm_to or fm_from) + 1),
        )
    assert RULE.sub("", segment.rule) in ("", ", or ")
    return found


def named(vocabulary: Vocabulary, r: int, f: int, m: int, bins: int = 5) -> str:
    return str(vocabulary.name(*(np.array([score]) for score in (r, f, m)), bins)[0])


@pytest.mark.parametrize("names", GRIDS)
def test_the_rules_cover_every_cell_once(names: str) -> None:
    covered = [cell for segment in VOCABULARIES[names].segments for cell in cells(segment)]
    assert sorted(covered) == list(product(range(1, 6), range(1, 6)))


@pytest.mark.parametrize("names", GRIDS)
def test_every_cell_is_named_as_the_rule_says(names: str) -> None:
    vocabulary = VOCABULARIES[names]
    for segment in vocabulary.segments:
        for r, fm in cells(segment):
            for f, m in product(range(1, 6), repeat=2):
                if floor(Fraction(f + m, 2) + Fraction(1, 2)) == fm:
                    assert named(vocabulary, r, f, m) == segment.name


@pytest.mark.parametrize("names", GRIDS)
@pytest.mark.parametrize("bins", range(3, 11))
def test_other_numbers_of_scores_stand_at_the_middle_of_their_share(names: str, bins: int) -> None:
    vocabulary = VOCABULARIES[names]
    by_cell = {cell: segment.name for segment in vocabulary.segments for cell in cells(segment)}
    for r, fm in product(range(1, bins + 1), repeat=2):
        cell = tuple(1 + floor(5 * Fraction(2 * score - 1, 2 * bins)) for score in (r, fm))
        assert named(vocabulary, r, fm, fm, bins) == by_cell[cell]


@pytest.mark.parametrize(
    ("bins", "fifths"),
    [
        (3, [1, 3, 5]),
        (4, [1, 2, 4, 5]),
        (6, [1, 2, 3, 3, 4, 5]),
        (10, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    ],
)
def test_fifths_by_hand(bins: int, fifths: list[int]) -> None:
    # Recency tells these six apart where FM is 1: all but R 1 and R 2 of six names differ.
    vocabulary = VOCABULARIES["eleven"]
    at_lowest_fm = {1: "Lost", 2: "Hibernating", 3: "About to sleep", 4: "Promising"}
    found = [named(vocabulary, score, 1, 1, bins) for score in range(1, bins + 1)]
    assert found == [at_lowest_fm.get(fifth, "New customers") for fifth in fifths]


def test_the_eight_names_follow_from_what_lies_above_the_mean() -> None:
    vocabulary = VOCABULARIES["eight"]
    everyone = np.array(list(product((1, 5), repeat=3)))
    found = vocabulary.name(*everyone.T, 5)
    by_rule = {
        frozenset() if "at or below" in segment.rule else frozenset("RFM") & set(segment.rule): (
            segment.name
        )
        for segment in vocabulary.segments
    }
    assert len(by_rule) == 8
    for scores, name in zip(everyone, found, strict=True):
        above = frozenset(letter for letter, score in zip("RFM", scores, strict=True) if score > 3)
        assert name == by_rule[above]


def test_the_chinese_names_are_those_of_the_practice() -> None:
    # 重要 (weighty) where M is high, 一般 (ordinary) where it is low; then by R and F: 价值 both,
    # 发展 R only, 保持 F only, 挽留 neither.
    kinds = {(5, 5): "价值", (5, 1): "发展", (1, 5): "保持", (1, 1): "挽留"}
    everyone = np.array(list(product((1, 5), repeat=3)))
    expected = [("重要" if m == 5 else "一般") + kinds[r, f] for r, f, m in everyone.tolist()]
    assert list(VOCABULARIES["eight"].name(*everyone.T, 5)) == expected


def test_a_score_at_the_mean_is_not_above_it() -> None:
    alike = np.array([3, 3, 3])
    assert set(VOCABULARIES["eight"].name(alike, alike, alike, 5)) == {"一般挽留"}


@pytest.mark.parametrize("names", VOCABULARIES)
def test_every_segment_has_a_name_of_its_own_a_rule_and_advice(names: str) -> None:
    segments = VOCABULARIES[names].segments
    assert len({segment.name for segment in segments}) == len(segments)
    assert len(segments) == {"eleven": 11, "six": 6, "eight": 8}[names]
    assert all(segment.rule and segment.advice.endswith(".") for segment in segments)
