"""Labels and deposit slips as PDF and ZPL: pure functions of what is printed on them."""
