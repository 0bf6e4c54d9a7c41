"""An example of what another package adds to Carelane: docs/extending.md."""
