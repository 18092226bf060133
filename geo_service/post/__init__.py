"""Mail that the service sends: what stands in it, and how it goes out."""
