"""The routes, one noun a file; `app` puts them together."""

API = "/api/v1"
