"""Did the action work, or did the problem move?

`wdd` and `verdict` compare two periods in up to four groups of areas, `did` compares series of areas, `placebo`,
`regression_to_mean` and `smallest_detectable` say how much such an answer is worth. `evaluate` does all of it for one
action.
"""

from analysis.displacement.checks import (
    Detectable,
    RegressionToMean,
    regression_to_mean,
    smallest_detectable,
)
from analysis.displacement.evaluation import Break, Design, Evaluation, Observed, RingResult, evaluate
from analysis.displacement.series import DidResult, PlaceboResult, did, placebo
from analysis.displacement.verdict import Kind, Reason, Verdict, verdict
from analysis.displacement.wdd import Part, WddResult, small_count_test, wdd, wdq
from analysis.displacement.windows import Action, Windows, choose_windows

__all__ = [
    "Action",
    "Break",
    "Design",
    "Detectable",
    "DidResult",
    "Evaluation",
    "Kind",
    "Observed",
    "Part",
    "PlaceboResult",
    "Reason",
    "RegressionToMean",
    "RingResult",
    "Verdict",
    "WddResult",
    "Windows",
    "choose_windows",
    "did",
    "evaluate",
    "placebo",
    "regression_to_mean",
    "small_count_test",
    "smallest_detectable",
    "verdict",
    "wdd",
    "wdq",
]
