"""The fixtures of this folder."""

from conftest_import import make_folder

__all__ = ["make_folder"]
