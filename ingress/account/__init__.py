"""A person's own page: the way in for those who are cared for; knows HTTP, decides nothing, and never lacks 988."""
