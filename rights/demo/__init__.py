"""Believable French data of the demonstration: who works for whom, with which rights."""
