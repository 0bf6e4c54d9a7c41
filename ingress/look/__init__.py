"""What the console's pages and a person's page have in common to look at: the base template and the stylesheet."""

from flask import Blueprint


def look() -> Blueprint:
    """Nested into the blueprint whose pages extend `look/base.html`, so that its headers hold here too."""
    return Blueprint("look", __name__, template_folder="templates", static_folder="static", static_url_path="/look")
