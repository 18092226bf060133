"""The trail: what was done with internal data, by whom and when, in a log that only grows and can be checked."""
