/* links: schemas */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schemas/host.h"
#include "tests/lib/help_dir.h"

#define ID "4f3c2b1a09876543210fedcba98765434f3c2b1a09876543210fedcba9876543"
#define OTHER "00000000000000000000000000000000ffffffffffffffffffffffffffffffff"
#define POD "6d2c4f0a-7a3e-4c36-9a53-2a4e62b8f1d0"

static int setup(void **state)
{
	*state = dir_make();
	return 0;
}

static int teardown(void **state)
{
	dir_remove(*state);
	return 0;
}

/* Puts a file below the root, with the directories it needs. */
static void put(const char *root, const char *name, const char *text)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	file_write(path, slice_text(text));
}

static void container_is(const char *root, const char *host_name, const char *want)
{
	struct buf id = {0};

	host_container(root, host_name, &id);
	assert_string_equal(buf_string(&id), want);
	buf_release(&id);
}

static void cgroup_paths_tell_the_container(void **state)
{
	static const char *const texts[][2] = {
		{"12:pids:/docker/" ID "\n0::/system.slice\n", ID},
		{"0::/system.slice/docker-" ID ".scope\n", ID},
		{"0::/machine.slice/libpod-" ID ".scope/container", ID},
		{"1:name=systemd:/\n4:memory:/kubepods/burstable/pod" POD "/" ID "\n", ID},
		{"0::/kubepods.slice/kubepods-pod6d2c.slice/cri-containerd-" ID ".scope\n", ID},
		{"0::/docker/" OTHER "/docker/" ID "\n", ID}, /* one in another */
		{"4:memory:/ecs/cluster/0123456789abcdef0123456789abcdef/"
		 "0123456789abcdef0123456789abcdef-2531612879\n",
			"0123456789abcdef0123456789abcdef-2531612879"},
		{"0::/user.slice/user-1000.slice/session-2.scope\n", ""},
		{"4:memory:/process_api/0a1dbcdc546fc464a91e8503cc8bd0a3\n", ""},
		{"0::/x/" ID "0\n", ""}, /* 65 digits are no id */
		{"", ""},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(*state, "proc/self/cgroup", texts[i][0]);
		container_is(*state, "h", texts[i][1]);
	}
}

static void mounts_tell_it_where_the_cgroup_is_hidden(void **state)
{
	static const char *const texts[][2] = {
		{"700 600 8:1 /var/lib/docker/containers/" ID
		 "/hostname /etc/hostname rw - ext4 /dev/sda rw\n",
			ID},
		{"1 2 0:5 / / rw\n7 6 8:1 /var/lib/kubelet/pods/" POD
		 "/etc-hosts /etc/hosts rw - ext4 /dev/sda rw\n",
			POD},
		{"7 6 0:25 /containers/overlay-containers/" ID
		 "/userdata/resolv.conf /etc/resolv.conf rw - tmpfs tmpfs rw\n",
			ID},
		/* The host that runs containers is in none. */
		{"7 6 0:52 / /var/lib/docker/overlay2/" ID "/merged rw - overlay overlay rw\n", ""},
		{"7 6 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda rw\n", ""},
		{"7 6 8:1", ""},
	};

	put(*state, "proc/self/cgroup", "0::/\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(*state, "proc/self/mountinfo", texts[i][0]);
		container_is(*state, "h", texts[i][1]);
	}
}

static void engines_own_files_come_last(void **state)
{
	put(*state, ".dockerenv", "");
	container_is(*state, "web1", "");
	container_is(*state, "4f3c2b1a0987", "4f3c2b1a0987");
	put(*state, "run/.containerenv", "engine=\"podman\"\nname=\"x\"\nid=\"" ID "\"\n");
	container_is(*state, "4f3c2b1a0987", ID);
	put(*state, "run/.containerenv", "");
	container_is(*state, "4f3c2b1a0987", "4f3c2b1a0987");
}

static void a_host_without_containers_is_in_none(void **state)
{
	container_is(*state, "4f3c2b1a0987", "");
}

static void the_boot_id_is_a_uuid_or_nothing(void **state)
{
	struct buf id = {0};

	host_boot_id(*state, &id);
	assert_int_equal(id.len, 0);
	put(*state, "proc/sys/kernel/random/boot_id", POD "\n");
	host_boot_id(*state, &id);
	assert_string_equal(buf_string(&id), POD);
	buf_clear(&id);
	put(*state, "proc/sys/kernel/random/boot_id", "no uuid, but as many characters as one\n");
	host_boot_id(*state, &id);
	assert_int_equal(id.len, 0);
	host_boot_id("", &id);
	assert_int_equal(id.len, 36);
	buf_release(&id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cgroup_paths_tell_the_container),
		TEST(mounts_tell_it_where_the_cgroup_is_hidden),
		TEST(engines_own_files_come_last),
		TEST(a_host_without_containers_is_in_none),
		TEST(the_boot_id_is_a_uuid_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
