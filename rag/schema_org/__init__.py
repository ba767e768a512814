"""schema.org JSON-LD of an open guide: what its page says, as data for search engines and other programs.

Only a published guide of level open is described, and it refers to open guides alone. The words are those of
the page; a property that no field fills is left out. Vocabulary: schema.org, checked in tests.
"""
