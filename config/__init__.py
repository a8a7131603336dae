"""Files that people edit or hand on to Prometheus: the demo site, rules, dashboards. No code."""
