"""A stand-in for Stripe, for tests and for demonstrations without a network. No other part of Carelane stands on it."""
