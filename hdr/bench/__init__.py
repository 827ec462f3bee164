"""Measurements that anyone can rerun, each beside a baseline in the same run."""
