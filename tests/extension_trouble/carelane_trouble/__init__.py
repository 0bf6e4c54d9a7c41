"""Everything that an extension can do wrong."""
