"""Judging pictures for a person who asks: frames on disk, or one camera now."""
