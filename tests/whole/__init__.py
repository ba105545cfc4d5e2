"""The seven proofs of sending, each through the whole and on real parts. See
docs/explanation/proofs-of-sending.md.

world.py: a shop that sends, and its sender processes;  letters/: what it sends
test_arrival.py (1) test_verdicts.py (2) test_kills.py (3) test_bounces.py (4) test_shaping.py (5)
test_one_click.py (6) test_fleet.py (7)
fleet.py, fleet_crowd.py, fleet_proof.py, counting_sink.py: machines that send, web processes and
their visitors, the proof of all of them, the mail server that counts
"""
