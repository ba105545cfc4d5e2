"""Small scripts behind the Makefile; none of them is part of the package."""
