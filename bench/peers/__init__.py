"""What Carelane is measured beside: the limits of its parts, and other ways to do its work, each well set up."""
