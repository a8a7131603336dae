"""The site folder: read once, checked whole, one frozen object; every fault of every file in one go."""

from cammon.sitefiles.model import Problem, Severity, Site, SiteReading
from cammon.sitefiles.reader import read_site
from cammon.sitefiles.words import report, sentence

__all__ = ["Problem", "Severity", "Site", "SiteReading", "read_site", "report", "sentence"]
