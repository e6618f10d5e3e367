"""Tests of the package, against the conformance server and its scripted peers."""
