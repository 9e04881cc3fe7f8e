"""The e-mails about who may do what, one function each; rendered when they leave, None when no longer true."""
