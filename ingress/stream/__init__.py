"""The stream door: live updates to devices and services, as Server-Sent Events."""
