"""Named sets of rights: those that come with the portal, and how somebody's rights compare with theirs."""
