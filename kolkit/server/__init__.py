"""The server: dashboards, index pages, saved scenarios and reports, over HTTP."""
