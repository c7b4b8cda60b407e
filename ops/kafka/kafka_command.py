"""What the commands broker, cluster and tool share."""
import os
import sys

import kafka_jars


def state_dir(name):
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "smiley", "kafka", name)


def call(name, main):
    """Runs main(); what it raises as Failure becomes one line, and status 1."""
    try:
        sys.exit(main())
    except kafka_jars.Failure as failure:
        sys.stderr.write("%s: %s\n" % (name, failure))
    except OSError as error:
        sys.stderr.write("%s: %s\n" % (name, error))
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(1)


def settings(pairs):
    """KEY=VALUE arguments as a dict."""
    for pair in pairs:
        if "=" not in pair:
            raise kafka_jars.Failure("--set %s: say NAME=VALUE" % pair)
    return dict(pair.split("=", 1) for pair in pairs)
