"""What changes parcels: one function per sentence."""
