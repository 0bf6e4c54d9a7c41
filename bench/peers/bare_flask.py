"""The limit that the framework and its server set: Flask reads the body and answers 200, and does nothing else."""

from flask import Flask, request

from bench.signed import PATH


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.post(PATH)
    def stripe() -> dict[str, bool]:
        request.get_data(cache=False)
        return {"received": True}

    return app
