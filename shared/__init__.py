"""What both sides stand on: settings, database, broker, sealing, audit, and the pure rules."""
