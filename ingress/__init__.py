"""Every way in: the webhook door, the application door, the commands. Knows HTTP and terminals, decides nothing."""
