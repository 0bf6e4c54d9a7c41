"""Shapes: Stripe payloads in, frozen facts out."""
