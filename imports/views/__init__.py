"""The screens of imports: sending a file or a list, then one page for all that becomes of it."""
