"""What changes an account's own things: one function per sentence."""
