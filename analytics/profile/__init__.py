"""What is known of each customer: features for every method, and the profile of one person."""

from analytics.profile.catalogue import BY_NAME, FEATURES, KINDS_OF_EVENT, WINDOWS_DAYS, Feature
from analytics.profile.export import export
from analytics.profile.features import Kept, features, is_store, keep
from analytics.profile.moves import Standing, limits, moves
from analytics.profile.people import search, worth_a_look
from analytics.profile.record import Record, Timeline, record, timeline
from analytics.profile.sentences import headline, months, readable, usual_time
from analytics.profile.words import say

__all__ = [
    "BY_NAME",
    "FEATURES",
    "KINDS_OF_EVENT",
    "WINDOWS_DAYS",
    "Feature",
    "Kept",
    "Record",
    "Standing",
    "Timeline",
    "export",
    "features",
    "headline",
    "is_store",
    "keep",
    "limits",
    "months",
    "moves",
    "readable",
    "record",
    "say",
    "search",
    "timeline",
    "usual_time",
    "worth_a_look",
]
