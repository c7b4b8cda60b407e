"""subprocess: output, input, status, environment, a timeout, a shell, close_fds, pass_fds."""
import os
import subprocess
import sys

run = subprocess.run
print(run([sys.executable, "-c", "print(6*7)"], capture_output=True, text=True).stdout)
print(run([sys.executable, "-c", "import sys; sys.exit(9)"]).returncode)
print(run(["cat"], input="through cat", capture_output=True, text=True).stdout)
print(run("echo $GREETING; exit 3", shell=True, env={"GREETING": "hi"}, capture_output=True))
try:
    run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.3)
except subprocess.TimeoutExpired as error:
    print("timeout", error.cmd[1])
try:
    run(["/no/such/program"])
except FileNotFoundError as error:
    print(error)
try:
    run(["false"], check=True)
except subprocess.CalledProcessError as error:
    print(error)
read, write = os.pipe()
run(["sh", "-c", "echo passed >&%d" % write], pass_fds=[write])
os.close(write)
print(os.read(read, 100))
child = subprocess.Popen(["sleep", "60"])
child.terminate()
print(child.wait(), os.system("exit 5") >> 8)
print(run([sys.executable, "-c", "import os; print(sorted(k for k in os.environ if 'SMILEY' in k))"],
          capture_output=True, text=True).stdout)
