"""Which layers make which tier, in which order, and the sandbox that enters the best tier that holds here."""
