"""Carelane's figures, each measured beside its reference in the same run; docs/performance.md describes them."""
