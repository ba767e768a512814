"""Measuring: `make bench` runs every part and writes docs/measurements; nothing here is needed to serve."""
