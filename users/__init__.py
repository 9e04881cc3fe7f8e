"""Who a person is: identity, sign-in, own page, sessions. Knows nothing of accounts."""
