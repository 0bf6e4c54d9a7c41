"""Stripe as we ask it: one client with time-outs, a bound on the rate, and a circuit breaker."""
