"""The log to Postgres views, and the API that reads them."""
