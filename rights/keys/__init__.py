"""What programs sign in with: which key opens what, who calls, and what they may do then."""
