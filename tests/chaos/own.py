"""A Carelane of a case's own: as shipped, with its embedded servers, or over the case's servers."""

from contextlib import contextmanager
from types import SimpleNamespace

from tests.chaos.scene import Scene
from tests.running import Carelane


@contextmanager
def own_scene(place, *, tell, servers=None, drain_seconds=600.0, **settings):
    """Ends with all events settled and all workers well, or the case has failed; None: nobody waits for the drain."""
    carelane = Carelane(place / "home", **settings)
    try:
        carelane.start()
        scene = Scene(carelane, servers or SimpleNamespace(), tell=tell)
        yield scene
        if drain_seconds is not None:
            scene.all_is_well(drain_seconds=drain_seconds)
    finally:
        code = carelane.stop()
    assert code == 0
