"""kafka_roles.py ROLE USER [--topic-prefix PREFIX] [--group-id NAME]: what Kafka is to allow a user.

Prints the command lines (Kafka's own kafka-acls; add its --bootstrap-server and --command-config)
that give the user the role, and nothing else. The roles:
    producer   smiley run, ship: writes what programs did, reads nothing
    record     smiley record, list, show, replay, server: reads all, joins its group, writes nothing
    monitor    smiley monitor, replay --from-log: reads all, joins no group, writes nothing
    admin      smiley topics --create and --check; delete (with record's rights besides)
The user is as the authorizer names it: the login's name, or a certificate's by the broker's rules.
"""
import argparse
import sys

TOPIC, GROUP = "topic", "group"
# Of each role: resource, what of the prefix or the group's name it is for, operations.
ROLES = {
    "producer": [(TOPIC, "", ("Write", "Describe"))],
    "record": [(TOPIC, "", ("Read", "Describe")), (GROUP, "", ("Read", "Describe"))],
    "monitor": [(TOPIC, "", ("Read", "Describe"))],
    "admin": [(TOPIC, "", ("Create", "Describe", "DescribeConfigs", "AlterConfigs")), (TOPIC, "runs", ("Write",))],
}


def bindings(role, prefix, group):
    """(resource, name, pattern, operations) of each rule; a group only when there is one."""
    for resource, ending, operations in ROLES[role]:
        if resource == TOPIC and not ending:
            yield resource, prefix, "prefixed", operations
        elif resource == TOPIC:
            yield resource, prefix + ending, "literal", operations
        elif group:
            yield resource, group, "literal", operations


def arguments(role, user, prefix, group):
    """The words of each command behind kafka-acls."""
    for resource, name, pattern, operations in bindings(role, prefix, group):
        words = ["--add", "--allow-principal", "User:" + user, "--" + resource, name,
                 "--resource-pattern-type", pattern]
        for operation in operations:
            words += ["--operation", operation]
        yield words


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("user")
    parser.add_argument("--topic-prefix", default="smiley.")
    parser.add_argument("--group-id", default="")
    chosen = parser.parse_args()
    for words in arguments(chosen.role, chosen.user, chosen.topic_prefix, chosen.group_id):
        print("kafka-acls", *words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
