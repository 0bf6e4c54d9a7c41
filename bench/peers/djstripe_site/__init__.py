"""A Django site with dj-stripe and nothing else; it runs in the peers' own environment (requirements/peers.txt)."""
