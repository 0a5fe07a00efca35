"""What is read for every message and seldom changes is kept in the process until the database says that it changed."""
