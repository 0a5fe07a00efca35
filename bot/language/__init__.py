"""What every room needs of Chinese and of numbers. Imports nothing of ours; read by both environments."""
