"""Zhinan's core: guides in, a generation (site + index) out, and grounded answers from it."""
