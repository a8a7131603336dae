"""The desk that pages ask, over one running service and its store."""

from .desk import SiteDesk

__all__ = ["SiteDesk"]
