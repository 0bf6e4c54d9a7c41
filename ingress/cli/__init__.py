"""The commands of `carelane`."""
