"""Which customer: the accounts, and the trace of what is done on them."""
