"""Who may do what, where: the catalogue, the links, the grants, the invitations and the connection keys."""
