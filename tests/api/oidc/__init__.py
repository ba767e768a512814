"""Sign-in at a real OpenID provider, and at an issuer that signs what it should not."""
