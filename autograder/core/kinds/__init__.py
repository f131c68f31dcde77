"""What an answer may be: one file a kind, and `registry.KINDS`, which lists them."""
