"""Certificates and logins for a secured broker on loopback, made by openssl.

Everything lies in one directory that only its owner reads: ca.pem, NAME.pem with NAME.key for
each user and for `broker`, `users` with a line NAME:PASSWORD for each, and for each user the
client settings that let it in, ready for use:
    NAME.LOGIN.conf         librdkafka's names (kcat -F; -X of smiley)
    NAME.LOGIN.properties   Kafka's own tools (--command-config)
where LOGIN is plain, scram or mtls. The user `admin` may do everything; the others what
ACLs say.
"""
import os
import secrets
import shutil
import subprocess

from kafka_jars import Failure

ADMIN = "admin"
LOGINS = ("plain", "scram", "mtls")


def _openssl(*args, stdin=b""):
    if not shutil.which("openssl"):
        raise Failure("openssl is not installed: run `make deps`")
    done = subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise Failure("openssl %s failed: %s" % (args[0], done.stderr.decode().strip()[-300:]))


def _write(path, text):
    """Readable by the owner only from the first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as out:
        out.write(text)


def _read(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


class Security:
    """The files in `directory`; made when they are not there."""

    def __init__(self, directory, users=("alice", "bob")):
        self.dir = directory
        os.makedirs(directory, mode=0o700, exist_ok=True)
        if not os.path.exists(self.path("users")):
            self._authority()
            self._certificate("broker")
            for name in (ADMIN, *users):
                self._certificate(name)
            _write(self.path("users"), "".join(
                "%s:%s\n" % (name, secrets.token_urlsafe(18))
                for name in (ADMIN, "controller", *users)))
        self.passwords = dict(line.split(":", 1) for line in _read(self.path("users")).split())
        self.users = [name for name in self.passwords if name != "controller"]

    def path(self, name):
        return os.path.join(self.dir, name)

    def _authority(self):
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-days", "3650", "-subj", "/CN=smiley test authority",
                 "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))

    def _certificate(self, name):
        """NAME.key (PKCS#8), NAME.pem, and both with the authority's in NAME.store.pem for Java."""
        request = self.path(name + ".csr")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", "/CN=" + name, "-keyout", self.path(name + ".key"), "-out", request)
        _write(self.path(name + ".ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
               "extendedKeyUsage=serverAuth,clientAuth\n")
        _openssl("x509", "-req", "-in", request, "-CA", self.path("ca.pem"), "-CAkey",
                 self.path("ca.key"), "-CAcreateserial", "-days", "3650", "-extfile",
                 self.path(name + ".ext"), "-out", self.path(name + ".pem"))
        os.remove(request)
        os.remove(self.path(name + ".ext"))
        _write(self.path(name + ".store.pem"), _read(self.path(name + ".key"))
               + _read(self.path(name + ".pem")) + _read(self.path("ca.pem")))

    def _jaas(self, mechanism, name, accounts=()):
        module = {"plain": "plain.PlainLoginModule", "scram": "scram.ScramLoginModule"}[mechanism]
        words = ["org.apache.kafka.common.security." + module, "required",
                 'username="%s"' % name, 'password="%s"' % self.passwords[name]]
        words += ['user_%s="%s"' % (user, self.passwords[user]) for user in accounts]
        return " ".join(words) + ";"

    def broker_properties(self):
        """What makes the listeners SASL_SSL, SSL and CONTROLLER ask for a login."""
        return {
            "listener.security.protocol.map":
                "SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.path("broker.store.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.path("ca.pem"),
            "ssl.client.auth": "required",
            "listener.name.sasl_ssl.ssl.client.auth": "none",
            "ssl.principal.mapping.rules": "RULE:^CN=([^,]+).*$/$1/,DEFAULT",
            "listener.name.sasl_ssl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "listener.name.sasl_ssl.plain.sasl.jaas.config":
                self._jaas("plain", ADMIN, self.users),
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config":
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.controller.plain.sasl.jaas.config":
                self._jaas("plain", "controller", ["controller"]),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:%s;User:broker;User:controller" % ADMIN,
        }

    def format_arguments(self):
        """The SCRAM users, told to the storage when it is formatted."""
        return [word for user in self.users for word in
                ("--add-scram", "SCRAM-SHA-256=[name=%s,password=%s]"
                 % (user, self.passwords[user]))]

    def client(self, name, login):
        """librdkafka's properties for a user."""
        properties = {"ssl.ca.location": self.path("ca.pem")}
        if login == "mtls":
            return {**properties, "security.protocol": "SSL",
                    "ssl.certificate.location": self.path(name + ".pem"),
                    "ssl.key.location": self.path(name + ".key")}
        return {**properties, "security.protocol": "SASL_SSL",
                "sasl.mechanism": {"plain": "PLAIN", "scram": "SCRAM-SHA-256"}[login],
                "sasl.username": name, "sasl.password": self.passwords[name]}

    def java_client(self, name, login):
        """The same in Java's words."""
        properties = {"ssl.truststore.type": "PEM",
                      "ssl.truststore.location": self.path("ca.pem")}
        if login == "mtls":
            return {**properties, "security.protocol": "SSL", "ssl.keystore.type": "PEM",
                    "ssl.keystore.location": self.path(name + ".store.pem")}
        return {**properties, "security.protocol": "SASL_SSL",
                "sasl.mechanism": {"plain": "PLAIN", "scram": "SCRAM-SHA-256"}[login],
                "sasl.jaas.config": self._jaas(login, name)}

    def write_clients(self, bootstraps):
        """The two files of each user and login; bootstraps: listener's name -> host:port."""
        for name in self.users:
            for login in LOGINS:
                server = bootstraps["SSL" if login == "mtls" else "SASL_SSL"]
                for ending, properties, key in (
                        ("conf", self.client(name, login), "bootstrap.servers"),
                        ("properties", self.java_client(name, login), "bootstrap.servers")):
                    properties[key] = server
                    _write(self.path("%s.%s.%s" % (name, login, ending)),
                           "".join("%s=%s\n" % item for item in sorted(properties.items())))
