"""Values and proxied calls between two processes that distrust each other."""
