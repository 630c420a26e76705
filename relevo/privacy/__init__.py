"""Personal data: what customers may ask, by when they are answered, how data are found, copied and erased."""
