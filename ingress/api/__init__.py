"""The application door: what the backend, its users and the operators may ask."""
