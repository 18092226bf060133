"""What staff write down for each other, and keep for themselves: notes, saved views, their last visit."""
