"""What people type about an account, cleaned and never saved here: one module for each subject."""
