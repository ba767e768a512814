"""The routes, one noun a file; `app` puts them together."""
