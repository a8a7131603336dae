"""The pictures of virtual cameras, rendered from the site's own map."""

from cammon.virtual.render.eye import Eye, PoseShift, eye_of
from cammon.virtual.render.picture_faults import PICTURE_FAULTS, Parameter, PictureFault, Stage, resolve
from cammon.virtual.render.renderer import Renderer
from cammon.virtual.render.static import Ground, StaticView, render_static

__all__ = [
    "PICTURE_FAULTS",
    "Eye",
    "Ground",
    "Parameter",
    "PictureFault",
    "PoseShift",
    "Renderer",
    "Stage",
    "StaticView",
    "eye_of",
    "render_static",
    "resolve",
]
