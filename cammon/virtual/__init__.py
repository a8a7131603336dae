"""Virtual cameras: real network cameras on loopback for the demo, the tests and the load tests."""
