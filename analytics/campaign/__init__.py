"""Campaigns: whom to contact, whom to hold out, and what it earned.

`provable` says before the launch what a holdout can prove; `launch` draws it, seeded and alike in
segment and value, and keeps both sides with the campaign, so that the list holds the contacted
only; `outcome` compares both sides in later orders, by intent to treat; `ledger` puts all campaigns
side by side, and `pools` what those of a kind prove together. `matched` looks at campaigns that had
no holdout, and never calls anything proven. `allocate` chooses whom to make which offer under
limits.
"""

from analytics.campaign.candidates import Candidates, keep_chosen, read_candidates
from analytics.campaign.elsewhere import Matched, matched
from analytics.campaign.holdout import split
from analytics.campaign.launching import Eligible, default_seed, eligible, launch
from analytics.campaign.ledger import Totals, ledger, pools, predicted, totals
from analytics.campaign.offers import Allocation, allocate
from analytics.campaign.planning import Baseline, Provable, baseline, provable
from analytics.campaign.pooling import Pooled, pool
from analytics.campaign.results import Outcome, outcome
from analytics.campaign.shelf import Campaign, Deleted, campaigns, delete, find, restore

__all__ = [
    "Allocation", "Baseline", "Campaign", "Candidates", "Deleted", "Eligible", "Matched", "Outcome",
    "Pooled", "Provable", "Totals", "allocate", "baseline", "campaigns", "default_seed", "delete",
    "eligible", "find", "keep_chosen", "launch", "ledger", "matched", "outcome", "pool", "pools",
    "predicted", "provable", "read_candidates", "restore", "split", "totals",
]  # fmt: skip
