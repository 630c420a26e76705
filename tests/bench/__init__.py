"""What the README promises about speed, measured: `make bench`. Times are compared within one run."""
