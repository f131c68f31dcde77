"""One module a platform: its downloads, its people, its grade file."""
