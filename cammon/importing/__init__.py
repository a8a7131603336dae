"""Maps and ledgers of other programs, taken over into a site folder, with a report of what was left out and why."""
