"""What `bench.api` stands on: the database, the three services, the questions put to them and the load."""
