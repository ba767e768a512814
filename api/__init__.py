"""Zhinan's doors: the HTTP API, the command line and what they store. Imports rag, never back."""
