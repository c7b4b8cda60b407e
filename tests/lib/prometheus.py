"""A real Prometheus that scrapes what a test started, and is asked as Grafana asks it.

    with Prometheus(box.dir, ["127.0.0.1:9400"], rules="ops/prometheus/rules.yaml") as prometheus:
        prometheus.query("sum(smiley_runs)")
"""
import json
import os
import subprocess
import urllib.parse
import urllib.request

import kafka_node
from tap import wait_for

SCRAPE = "200ms"


class Prometheus:
    def __init__(self, directory, targets, rules):
        place = os.path.join(directory, "prometheus")
        os.mkdir(place)
        config = os.path.join(place, "prometheus.yaml")
        with open(config, "w", encoding="utf-8") as file:  # JSON is YAML
            json.dump({"global": {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE},
                       "rule_files": [rules],
                       "scrape_configs": [{"job_name": "smiley", "static_configs": [{"targets": targets}]}]}, file)
        self.address = "127.0.0.1:%d" % kafka_node.free_port()
        self.log = open(os.path.join(place, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(place, "data"),
             "--web.listen-address=" + self.address, "--log.level=warn"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        try:
            wait_for(self._ready, 30, "Prometheus to be ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()

    def _ready(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError("Prometheus has ended: " + self.log.read()[-2000:])
        try:
            with urllib.request.urlopen("http://%s/-/ready" % self.address, timeout=5):
                return True
        except OSError:
            return False

    def _ask(self, what, **words):
        url = "http://%s/api/v1/%s?%s" % (self.address, what, urllib.parse.urlencode(words))
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The values that it has now, of all series; none: nobody tells it."""
        return [float(series["value"][1]) for series in self._ask("query", query=expression)["result"]]

    def rules(self):
        """Of each rule: name, health ("ok" once it could be evaluated), state."""
        return [(rule["name"], rule["health"], rule["state"])
                for group in self._ask("rules")["groups"] for rule in group["rules"]]
