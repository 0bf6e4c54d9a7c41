"""What `carelane doctor` looks at: one small judgment a check, none of which can hide another."""
