"""Rules that keep guides true, one theme a module; each is a function from a view to problems.

Codes M01–M27 are described, with examples, in docs/*/trainers/rules.md. A rule never mends and never guesses.
"""
