"""The pages of `docs/`: what is generated of them, and what is run of them."""
