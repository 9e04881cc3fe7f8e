"""`make run`: PostgreSQL, Valkey and a mailbox from wheels, and the portal's processes above them.

Nothing in here imports Django: the launcher starts the portal, it is not part of it.
"""
