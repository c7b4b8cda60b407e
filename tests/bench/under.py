"""Runs a program under one of run's peers: under.py PEER FILE|LIBRARY PROGRAM ARGS..."""
import ctypes
import os
import runpy
import sys

peer, what, program = sys.argv[1:4]
sys.argv = sys.argv[3:]
sys.path[0] = os.path.dirname(os.path.abspath(program))
if peer == "hunter":
    import hunter

    hunter.trace(stdlib=False, action=hunter.VarsSnooper(stream=open(what, "w")))
elif peer == "null":
    ctypes.PyDLL(what).null_tracer_start()
runpy.run_path(program, run_name="__main__")
