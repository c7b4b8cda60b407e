"""kafka_guard.py OWNER DIR: when process OWNER has ended, however it did, ends the Kafka nodes
whose directories are in DIR, and removes DIR."""
import os
import select
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "ops", "kafka"))

import kafka_node  # noqa: E402

owner, directory = int(sys.argv[1]), sys.argv[2]
try:
    poll = select.poll()
    poll.register(os.pidfd_open(owner), select.POLLIN)
    poll.poll()
except ProcessLookupError:
    pass
if os.path.isdir(directory):
    for name in os.listdir(directory):
        if os.path.isdir(os.path.join(directory, name)):
            kafka_node.Node(os.path.join(directory, name)).kill()
    shutil.rmtree(directory, ignore_errors=True)
