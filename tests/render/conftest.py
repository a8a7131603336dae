"""One renderer of the site with everything, kept for the whole run: its ground is drawn once."""

import pytest
from render_worlds import EVERYTHING

from cammon.virtual.render import Renderer


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """A renderer of the site with everything."""
    return Renderer(EVERYTHING)
