"""The commands, one file a purpose; `cli` puts them together."""
