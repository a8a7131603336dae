"""Calibrating a camera of a site: clicks from a file, the picture, the drawing to accept, the ledger."""
