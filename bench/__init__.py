"""Side-by-side measurements: each entry runs alternately with a reference on the same machine."""
