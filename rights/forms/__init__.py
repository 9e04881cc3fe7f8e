"""What people type about rights, cleaned and never saved here: one module for each subject."""
