"""The running system: schedule, lanes of workers, the looks, the one recorder, and what is so now."""
