"""The service catalogue as CPSV-AP 3.2.0 JSON-LD, for other governments' catalogues and portals.

Terms are those of the published context (SEMICeu/CPSV-AP, releases/3.2.0); both languages of a guide become
language-tagged literals of one service. Order and ids depend on the guides and the site's address alone.
"""
