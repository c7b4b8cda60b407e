"""debugpy attaches: a client of its protocol sets a breakpoint, looks at variables, steps, goes on."""
import json
import os
import socket
import subprocess
import sys

LINE = 15


def target(n):
    total = 0
    for i in range(n):
        total += i
    text = "total %d" % total
    return text


class Client:
    """Speaks the debug adapter protocol, one request at a time."""

    def __init__(self, port):
        self.stream = socket.create_connection(("127.0.0.1", port)).makefile("rwb")
        self.seq = 0
        self.events = []

    def send(self, command, **arguments):
        self.seq += 1
        body = json.dumps({"seq": self.seq, "type": "request", "command": command, "arguments": arguments}).encode()
        self.stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.stream.flush()
        return self.seq

    def read(self):
        length = 0
        while line := self.stream.readline().strip():
            length = int(line.split(b":")[1])
        return json.loads(self.stream.read(length))

    def answer(self, seq):
        while (message := self.read()).get("request_seq") != seq:
            self.events.append(message)
        return message["body"] if "body" in message else message

    def ask(self, command, **arguments):
        return self.answer(self.send(command, **arguments))

    def wait(self, event):
        while True:
            for message in self.events:
                if message.get("event") == event:
                    self.events.remove(message)
                    return message.get("body")
            self.events.append(self.read())


def stop(client):
    thread = client.wait("stopped")["threadId"]
    frame = client.ask("stackTrace", threadId=thread)["stackFrames"][0]
    scope = client.ask("scopes", frameId=frame["id"])["scopes"][0]
    names = client.ask("variables", variablesReference=scope["variablesReference"])["variables"]
    print(frame["name"], frame["line"], [(one["name"], one["value"]) for one in names], flush=True)
    return thread, frame["id"]


def drive(port):
    client = Client(port)
    client.ask("initialize", adapterID="test", pathFormat="path")
    attached = client.send("attach", justMyCode=False)
    client.wait("initialized")
    found = client.ask("setBreakpoints", source={"path": os.path.abspath(__file__)}, breakpoints=[{"line": LINE}])
    print([one["verified"] for one in found["breakpoints"]], flush=True)
    client.ask("configurationDone")
    client.answer(attached)
    thread, frame = stop(client)
    print(client.ask("evaluate", expression="total + 40", frameId=frame)["result"], flush=True)
    client.ask("evaluate", expression="total = 7", frameId=frame, context="repl")
    client.ask("next", threadId=thread)
    stop(client)
    client.ask("setBreakpoints", source={"path": os.path.abspath(__file__)}, breakpoints=[])
    client.ask("continue", threadId=thread)
    client.ask("disconnect")


if len(sys.argv) > 1:
    drive(int(sys.argv[1]))
else:
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    import debugpy

    debugpy.configure(subProcess=False)
    _, port = debugpy.listen(("127.0.0.1", 0))
    with subprocess.Popen([sys.executable, "-I", __file__, str(port)], stdout=subprocess.PIPE) as process:
        debugpy.wait_for_client()
        answer = target(3)
        print(process.stdout.read().decode(), end="")
    print(answer, target(2))
