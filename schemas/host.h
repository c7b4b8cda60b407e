/*
 * host: which host and container this process is in, as its RunStarted says. Read from
 * files of the kernel and of the container engines; what cannot be told is left empty.
 */
#ifndef SMILEY_SCHEMAS_HOST_H
#define SMILEY_SCHEMAS_HOST_H

#include "schemas/buf.h"

/* Below this directory lie proc/, run/ and .dockerenv: "" but in tests. */

/* Appends the kernel's boot id: a UUID that is new with each start of the host. Containers
 * of one host share it. */
void host_boot_id(const char *root, struct buf *out);

/*
 * Appends the id of the container or pod. The first of these that says one:
 *  - proc/self/cgroup: the last 64 hexadecimal digits in a path (Docker, Podman, containerd,
 *    CRI-O, with cgroups of version 1 or a shared cgroup namespace), or ID/ID-NUMBER (ECS);
 *  - proc/self/mountinfo: what is mounted on /etc/hostname, /etc/hosts or /etc/resolv.conf comes
 *    from a directory of 64 hexadecimal digits, or from a pod's, which is a UUID;
 *  - run/.containerenv: its line id="..." (Podman);
 *  - .dockerenv is there and the host's name is 12 hexadecimal digits, as Docker makes it.
 */
void host_container(const char *root, const char *host_name, struct buf *out);

#endif
