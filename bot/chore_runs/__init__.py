"""When each of the chores that fall due by time was last done, and by which process."""
