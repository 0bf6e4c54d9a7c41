"""The thin door for Stripe: verify, keep, nudge, answer."""
