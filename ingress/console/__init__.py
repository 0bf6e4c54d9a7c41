"""The staff console: the way in for people; knows HTTP, decides nothing."""
