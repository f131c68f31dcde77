"""What several tests share: small classes, damaged notebooks, servers to talk to, the tiny course."""
