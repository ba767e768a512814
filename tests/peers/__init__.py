"""Other ways to search the same documents, side by side with ours: adapters, each a few lines."""
