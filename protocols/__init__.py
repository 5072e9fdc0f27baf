"""What may be said: typed messages, and the conversations in which they may be said."""
