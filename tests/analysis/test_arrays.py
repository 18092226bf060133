"""Times in every form that callers have them in."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from analysis.arrays import as_days

DAYS = [19_723.0, 19_724.5]  # 1 January 2024, and noon of the day after
NOON = datetime(2024, 1, 2, 12)


@pytest.mark.parametrize(
    "times",
    [
        DAYS,
        np.array(["2024-01-01T00", "2024-01-02T12"], dtype="datetime64[h]"),
        [datetime(2024, 1, 1), NOON],
        [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, 13, tzinfo=timezone(timedelta(hours=1)))],
        [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02 13:00", tz="Europe/Amsterdam")],
        [date(2024, 1, 1), NOON],
        pd.Series([pd.Timestamp("2024-01-01"), NOON]),
    ],
    ids=["numbers", "datetime64", "datetimes", "with a zone", "timestamps", "date and datetime", "series"],
)
def test_all_forms_of_a_moment_are_the_same_days(times):
    assert as_days(times).tolist() == DAYS


@pytest.mark.parametrize(
    "times", [[pd.Timestamp("2024-01-01"), pd.NaT], [date(2024, 1, 1), None], ["gisteren"], [[1.0]]]
)
def test_what_is_no_moment_is_refused(times):
    with pytest.raises(ValueError, match=r"times|could not convert"):
        as_days(times)
