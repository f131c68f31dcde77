"""Site, flashcards, hand-outs, learners' copies, the in-browser edition."""
