"""What lasts: the tables, the objects, the log in the database; for server and worker alike."""
