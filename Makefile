# smiley: one makefile for the whole tree (GNU make 4.3). `make help` lists the targets.
# Everything made goes below build/, a variant's (VARIANT=asan, tsan, fuzz, coverage) below
# build/VARIANT/. Nothing here needs more than make itself at parse time, so that `make demo`
# and `make check` can first install the rest (ops/deps) on a bare Debian.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

CC := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
AR := ar
PREFIX ?= /usr/local
VARIANT ?=
JOBS ?= 2
B := build$(if $(VARIANT),/$(VARIANT))
PYTHON := /usr/bin/python3
VENV := build/venv

# Debian's own Python, whatever pyenv or conda put first in PATH: 3.11 in Debian 12, 3.13 in 13.
EMBEDDED := $(or $(filter 3.%,$(patsubst python%,%,$(notdir $(realpath $(PYTHON))))),3.11)
MULTIARCH := $(shell uname -m)-linux-gnu
PKG_CONFIG := PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/usr/lib/$(MULTIARCH)/pkgconfig /usr/bin/pkg-config
PYTHON_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags python-$(EMBEDDED)-embed 2>/dev/null))
PYTHON_LIBS := $(shell $(PKG_CONFIG) --libs python-$(EMBEDDED)-embed 2>/dev/null)

# Everything is made under another name and moved into place, so that two makes in one tree
# do not meet half a file. One short line a file; V=1 shows the commands.
V ?=
ifeq ($(V),)
Q := @
say = @printf '  %-5s %s\n' $(1) $(2)
else
Q :=
say = @:
endif

# ---- flags ---------------------------------------------------------------------------
WERROR ?= -Werror
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef \
	$(WERROR)
HARDEN := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
OPT := -O2
SANITIZE :=
ifeq ($(VARIANT),asan)
SANITIZE := -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(VARIANT),tsan)
SANITIZE := -fsanitize=thread
else ifeq ($(VARIANT),fuzz)
SANITIZE := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
else ifeq ($(VARIANT),coverage)
SANITIZE := --coverage
OPT := -O0
else ifneq ($(VARIANT),)
$(error VARIANT is asan, tsan, fuzz or coverage, not $(VARIANT))
endif
ifneq ($(VARIANT),)
HARDEN :=
endif
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE $(OPT) -g $(WARN) $(HARDEN) $(SANITIZE) -fPIE -I. -I$(B) \
	-MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZE) $(LDFLAGS)
# The tracer runs once for every line of the traced program.
TRACER_CFLAGS := $(PYTHON_CFLAGS) $(if $(VARIANT),,-O3 -fno-plt)

# ---- libraries and programs ----------------------------------------------------------
FOLDERS := schemas tracer ingest materializer web ops
OPS_MAINS := ops/smiley.c ops/python.c ops/http.c
KORE_SOURCES := $(wildcard web/kore_*.c)
sources = $(filter-out $(OPS_MAINS) $(KORE_SOURCES),$(wildcard $(1)/*.c))
objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

define library
$(B)/lib$(1).a: $(call objects,$(call sources,$(1)))
endef
$(foreach folder,$(FOLDERS),$(eval $(call library,$(folder))))
$(FOLDERS:%=$(B)/lib%.a) $(B)/libhelp.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@.$$$$; $(AR) rcs $@.$$$$ $^ && mv $@.$$$$ $@

$(B)/obj/tracer/%.o: ALL_CFLAGS += $(TRACER_CFLAGS)
$(B)/obj/ops/python_env.o $(B)/obj/ops/doctor_program.o: ALL_CFLAGS += -DEMBEDDED='"/usr/bin/python$(EMBEDDED)"'
$(B)/obj/ops/python_main.o: ALL_CFLAGS += -DEXTENSION='"$(INJECT_SO:$(B)/%=%)"'
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$(if $(VARIANT),'$< ($(VARIANT))',$<))
	$(Q)$(CC) $(ALL_CFLAGS) -MF $(@:.o=.d) -MT $@ -c $< -o $@.$$$$ && mv $@.$$$$ $@

# What each library needs besides itself, in link order.
LINK_ORDER := ops web materializer ingest tracer schemas
# Graphviz's layout of call graphs is a plugin that is linked, not looked for: no file is read.
GRAPHVIZ := /usr/lib/$(MULTIARCH)/graphviz
LIBS_graphviz := -L$(GRAPHVIZ) -Wl,-rpath,$(GRAPHVIZ) -lgvplugin_dot_layout -lgvc -lcgraph
LIBS_web := -ltree-sitter -lmicrohttpd -lcurl $(LIBS_graphviz) -lprotobuf-c -lm
LIBS_materializer := -lrocksdb -l:libstdc++.so.6 -lxxhash -llz4 -lpcre2-8
LIBS_ingest := -lrdkafka -lxxhash
LIBS_tracer = $(PYTHON_LIBS) -lcrypto
LIBS_schemas := -lxxhash -lcrypto
LIBS_avro := -lavro
LIBS_cmocka := -lcmocka
archives = $(foreach lib,$(LINK_ORDER),$(if $(filter $(lib),$(1)),$(B)/lib$(lib).a))
externals = $(foreach lib,$(LINK_ORDER) avro cmocka,$(if $(filter $(lib),$(1)),$(LIBS_$(lib))))

SMILEY := $(B)/bin/smiley
SMILEY_PYTHON := $(B)/libexec/smiley/smiley-python.so
# Kore loads it. Debian 13 has no kore: all else is built, and `smiley server` says so.
HAVE_KORE := $(wildcard /usr/share/kore/features)
WEB_MODULE := $(B)/libexec/smiley/smiley-web.so
SMILEY_HTTP := $(B)/libexec/smiley/smiley-http
# Of the tracer only what knows nothing of libpython.
SMILEY_LINKS := ops web materializer ingest tracer schemas
SMILEY_HTTP_LINKS := ops web materializer ingest schemas

# The tracer as it is loaded into pythons: the same sources, without libpython.
INJECT := $(B)/libexec/smiley/inject
INJECT_SO := $(INJECT)/_smiley.cpython-$(subst .,,$(EMBEDDED))-$(MULTIARCH).so
INJECT_SITE := $(INJECT)/sitecustomize.py
pic_objects = $(patsubst %.c,$(B)/pic/%.o,$(1))
INJECT_OBJECTS := $(call pic_objects,$(call sources,tracer))
INJECT_SCHEMAS := $(call pic_objects,$(call sources,schemas))
# Nothing of it is to be seen by the program's own libraries, nor the other way round.
PIC_CFLAGS := -fPIC -fvisibility=hidden -DXXH_INLINE_ALL

$(B)/pic/tracer/%.o: ALL_CFLAGS += $(TRACER_CFLAGS)
$(B)/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,'$< (pic)')
	$(Q)$(CC) $(ALL_CFLAGS) $(PIC_CFLAGS) -MF $(@:.o=.d) -MT $@ -c $< -o $@.$$$$ && mv $@.$$$$ $@
$(B)/pic/libschemas.a: $(INJECT_SCHEMAS)
	$(Q)rm -f $@.$$$$; $(AR) rcs $@.$$$$ $^ && mv $@.$$$$ $@
$(INJECT_SO): $(INJECT_OBJECTS) $(B)/pic/libschemas.a

# The same for each other version of Python that smiley traces and whose headers are here: those
# of Debian's packages, of pyenv, and of PYTHONS="/path/python3.12 ..." (make extensions).
OTHER_MINORS := $(filter-out $(EMBEDDED:3.%=%),10 11 12 13)
PYTHONS ?=
PYTHON_HEADERS := $(wildcard $(foreach minor,$(OTHER_MINORS),$(foreach prefix,/usr /usr/local \
	$(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.$(minor).*),$(prefix)/include/python3.$(minor)/Python.h)))
PYTHON_HEADERS += $(foreach python,$(PYTHONS),$(shell $(python) -c 'import sysconfig; print(sysconfig.get_paths()["include"])')/Python.h)

# $(1) minor version, $(2) where its headers are
define extension
EXTENSIONS += $$(INJECT)/_smiley.cpython-3$(1)-$$(MULTIARCH).so
OBJECTS_3$(1) := $$(patsubst $$(B)/pic/%,$$(B)/pic/3.$(1)/%,$$(INJECT_OBJECTS))
$$(B)/pic/3.$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(call say,CC,'$$< (3.$(1))')
	$$(Q)$$(CC) $$(ALL_CFLAGS) -isystem $(2) -O3 -fno-plt $$(PIC_CFLAGS) -MF $$(@:.o=.d) -MT $$@ -c $$< -o $$@.$$$$$$$$ && mv $$@.$$$$$$$$ $$@
$$(INJECT)/_smiley.cpython-3$(1)-$$(MULTIARCH).so: $$(OBJECTS_3$(1)) $$(B)/pic/libschemas.a
endef
EXTENSIONS :=
headers_of = $(patsubst %/,%,$(dir $(firstword $(filter %/python3.$(1)/Python.h,$(PYTHON_HEADERS)))))
ifeq ($(VARIANT),)
$(foreach minor,$(OTHER_MINORS),$(if $(call headers_of,$(minor)),$(eval $(call extension,$(minor),$(call headers_of,$(minor))))))
endif
.PHONY: extensions
extensions: $(INJECT_SO) $(EXTENSIONS)

# What takes the place of main() in the program's python (ops/python_main.h).
$(SMILEY_PYTHON): $(call pic_objects,ops/python.c ops/notice_object.c) $(B)/pic/libschemas.a

$(SMILEY_PYTHON) $(INJECT_SO) $(EXTENSIONS):
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-Bsymbolic $(filter-out -pie,$(ALL_LDFLAGS)) $^ -o $@.$$$$ && mv $@.$$$$ $@

$(INJECT_SITE): tracer/inject/sitecustomize.py
	@mkdir -p $(@D)
	$(Q)cp $< $@.$$$$ && mv $@.$$$$ $@

# The package `smiley`, to be tried from the tree: PYTHONPATH=build/site-packages
PACKAGE := $(patsubst tracer/python/%,$(B)/site-packages/%,$(wildcard tracer/python/smiley/*.py))
$(B)/site-packages/%.py: tracer/python/%.py
	@mkdir -p $(@D)
	$(Q)cp $< $@.$$$$ && mv $@.$$$$ $@

# What is made from the tables of commands and options.
HELP_TEXTS := $(addprefix $(B)/,smiley.1 smiley.conf.5 smiley.conf smiley.bash smiley.zsh smiley.fish)

.PHONY: all
all: $(SMILEY) $(SMILEY_PYTHON) $(SMILEY_HTTP) $(INJECT_SO) $(INJECT_SITE) $(PACKAGE) $(HELP_TEXTS)
all: $(if $(HAVE_KORE),$(WEB_MODULE),without-web)

.PHONY: without-web
without-web:
	@echo '  SKIP  $(WEB_MODULE): kore is not installed (Debian 13 has no package of it): no `smiley server`, all else is built'

# The pages' stylesheet: Bootstrap's, as Debian has it, and ours behind it. Both it and the
# script have a hash of their bytes in their names, so that browsers may keep them for good.
STYLE := $(B)/web/smiley.css
SCRIPT := web/assets/smiley.js
ASSET_NAMES := $(B)/web/asset_names.h
$(STYLE): /usr/share/bootstrap-html/css/bootstrap.min.css web/assets/smiley.css Makefile
	@mkdir -p $(@D)
	$(Q)sed '/sourceMappingURL/d' $(filter %.css,$^) > $@.$$$$ && mv $@.$$$$ $@
$(ASSET_NAMES): $(STYLE) $(SCRIPT)
	$(Q)printf '#define ASSET_%s_NAME "smiley.%.12s.%s"\n' STYLE $$(sha256sum < $(STYLE) | cut -c-12) css \
		SCRIPT $$(sha256sum < $(SCRIPT) | cut -c-12) js > $@.$$$$ && mv $@.$$$$ $@
$(B)/obj/web/asset.o $(B)/pic/web/asset.o: $(STYLE) $(SCRIPT) $(ASSET_NAMES)
$(B)/obj/web/asset.o $(B)/pic/web/asset.o: ALL_CFLAGS += -DASSET_STYLE_FILE='"$(STYLE)"' -DASSET_SCRIPT_FILE='"$(SCRIPT)"'

# What tells a keyword from a string, for all variants once; fetched from PyPI.
GRAMMAR := build/grammar/grammar.o
$(GRAMMAR): web/grammar/build web/grammar/requirements.txt
	$(call say,GRAM,$@)
	$(Q)CC="$(CC)" web/grammar/build $(@D)
$(B)/libweb.a: $(GRAMMAR)

# The module that kore loads: the pages, and what they need of the other folders.
WEB_SOURCES := $(KORE_SOURCES) $(filter-out web/http_server.c web/registry_client.c web/export%.c, \
	$(foreach folder,schemas ingest materializer web,$(call sources,$(folder))))
WEB_OBJECTS := $(call pic_objects,$(WEB_SOURCES))
$(B)/pic/web/kore_%.o: ALL_CFLAGS += $(shell cat /usr/share/kore/features 2>/dev/null)
# Kore looks for these by name.
$(B)/pic/web/kore_%.o: PIC_CFLAGS := -fPIC
$(WEB_MODULE): $(WEB_OBJECTS) $(GRAMMAR)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(filter-out -pie,$(ALL_LDFLAGS)) -shared -Wl,-Bsymbolic $^ -ltree-sitter $(LIBS_graphviz) $(call externals,materializer ingest schemas) -o $@.$$$$ && mv $@.$$$$ $@

# What of Perfetto's format we write, in C.
PERFETTO := $(B)/web/perfetto.pb-c
$(PERFETTO).c $(PERFETTO).h &: web/perfetto.proto
	@mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(@D) --proto_path=web $<
$(B)/obj/web/perfetto.pb-c.o: $(PERFETTO).c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $(@:.o=.d) -MT $@ -c $< -o $@.$$$$ && mv $@.$$$$ $@
$(B)/obj/web/export_perfetto.o: $(PERFETTO).h
$(B)/libweb.a: $(B)/obj/web/perfetto.pb-c.o

# How topics are to be, for a program that was not installed.
$(B)/ops/topics_conf_text.h: ops/kafka/topics.conf Makefile
	@mkdir -p $(@D)
	$(Q)printf '#define TOPICS_CONF \\\n' > $@.$$$$ && \
		sed -e 's/[\\"]/\\&/g' -e 's/.*/	"&\\n" \\/' $< >> $@.$$$$ && \
		printf '	""\n' >> $@.$$$$ && mv $@.$$$$ $@
$(B)/obj/ops/topics_conf.o: $(B)/ops/topics_conf_text.h

$(SMILEY): $(B)/obj/ops/smiley.o $(call archives,$(SMILEY_LINKS))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(call externals,$(SMILEY_LINKS)) -o $@.$$$$ && mv $@.$$$$ $@

$(SMILEY_HTTP): $(B)/obj/ops/http.o $(call archives,$(SMILEY_HTTP_LINKS))
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(call externals,$(SMILEY_HTTP_LINKS)) -o $@.$$$$ && mv $@.$$$$ $@

$(B)/smiley.1: HELP := --man
$(B)/smiley.conf.5: HELP := --man-conf
$(B)/smiley.conf: HELP := --conf
$(B)/smiley.bash: HELP := --bash
$(B)/smiley.zsh: HELP := --zsh
$(B)/smiley.fish: HELP := --fish
$(HELP_TEXTS): $(SMILEY)
	$(Q)$(SMILEY) help $(HELP) > $@.$$$$ && mv $@.$$$$ $@

# A formatter for Kafka's console consumer. It takes a JDK and, once, Maven: not part of `all`.
CONSOLE_JAR := build/share/smiley/smiley-console.jar
.PHONY: console-jar
console-jar: $(CONSOLE_JAR)
$(CONSOLE_JAR): $(wildcard ops/kafka/console/*) ops/kafka/pom.xml $(wildcard schemas/history/*.avsc) \
		schemas/printable_internal.h
	$(call say,JAR,$@)
	$(Q)ops/kafka/console/build $(@D)

# ---- tests ---------------------------------------------------------------------------
# A test's first line names the libraries it links: /* links: schemas ingest avro */
UNIT := $(wildcard tests/unit/test_*.c)
DRIVERS := $(wildcard tests/lib/drive_*.c)
ifneq ($(EMBEDDED),3.11) # only there has code sites in it (tracer/engine.h)
DRIVERS := $(filter-out tests/lib/drive_instrument.c,$(DRIVERS))
endif
FUZZ := $(wildcard tests/fuzz/fuzz_*.c)
TEST_HELPERS := $(wildcard tests/lib/help_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT))
DRIVER_BIN := $(patsubst tests/lib/%.c,$(B)/tests/%,$(DRIVERS))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(FUZZ))
named_links = $(shell sed -n '1s|^/\* links: \(.*\) \*/.*|\1|p' $(1))

# What several unit tests share; a test takes from it what it uses.
$(B)/libhelp.a: $(call objects,$(TEST_HELPERS))

# $(1) program, $(2) its source, $(3) what else it links, $(4) more objects
define test_program
$(1): $(call objects,$(2)) $(4) $(call archives,$(call named_links,$(2)))
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) $(5) $$^ $$(call externals,$(call named_links,$(2)) $(3)) -o $$@.$$$$$$$$ && mv $$@.$$$$$$$$ $$@
$(call objects,$(2)): ALL_CFLAGS += $$(if $$(filter tracer,$(call named_links,$(2))),$$(PYTHON_CFLAGS))
endef
ifeq ($(VARIANT),fuzz)
FUZZ_MAIN :=
FUZZ_LDFLAGS := -fsanitize=fuzzer
else
FUZZ_MAIN := $(B)/obj/tests/lib/fuzz_replay.o
FUZZ_LDFLAGS :=
endif
$(foreach t,$(UNIT),$(eval $(call test_program,$(t:tests/unit/%.c=$(B)/tests/%),$(t),cmocka,$(B)/libhelp.a)))
$(foreach t,$(DRIVERS),$(eval $(call test_program,$(t:tests/lib/%.c=$(B)/tests/%),$(t))))
$(foreach t,$(FUZZ),$(eval $(call test_program,$(t:tests/fuzz/%.c=$(B)/tests/%),$(t),,$(FUZZ_MAIN) $(B)/libhelp.a,$(FUZZ_LDFLAGS))))

.PHONY: unit drivers fuzzers
unit: $(UNIT_BIN)
drivers: $(DRIVER_BIN)
fuzzers: $(FUZZ_BIN)

$(VENV)/.ready: tests/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Paths that the tests are told, absolute: a test may stand anywhere.
TEST_ENV = env CMOCKA_MESSAGE_OUTPUT=TAP SMILEY_ROOT=$(CURDIR) SMILEY_BIN=$(CURDIR)/build/bin/smiley \
	SMILEY_TESTS=$(CURDIR)/build/tests VENV=$(CURDIR)/$(VENV) CC="$(CC)" \
	PYTHON_CFLAGS="$(PYTHON_CFLAGS)"
SANITIZER_ENV := ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1 \
	TSAN_OPTIONS=halt_on_error=1
TALLY := tests/lib/tally
# Tests wait for brokers, deadlines and each other for a third of their time.
TEST_JOBS ?= $(shell expr $(JOBS) + 1)
LINT_T := $(wildcard tests/lint/*.t)
GOLDEN_T := $(wildcard tests/golden/*.t)
E2E_T := $(wildcard tests/e2e/*.t)

.PHONY: check check-run test lint
check:
	ops/deps build check
	$(MAKE) check-run

check-run:
	$(MAKE) -j$(JOBS) all extensions unit drivers console-jar $(VENV)/.ready
	$(MAKE) -j$(JOBS) VARIANT=asan unit fuzzers
	$(MAKE) -j$(JOBS) VARIANT=tsan unit
	$(TEST_ENV) $(SANITIZER_ENV) SMILEY_SHORT=1 $(TALLY) --jobs $(TEST_JOBS) $(LINT_T) $(GOLDEN_T) \
		$(UNIT_BIN) $(UNIT_BIN:build/%=build/asan/%) $(UNIT_BIN:build/%=build/tsan/%) \
		$(FUZZ_BIN:build/%=build/asan/%) $(E2E_T)

# What was built, without the sanitizers: while working.
test:
	$(MAKE) -j$(JOBS) all unit drivers console-jar $(VENV)/.ready
	$(TEST_ENV) $(TALLY) --jobs $(TEST_JOBS) $(GOLDEN_T) $(UNIT_BIN) $(E2E_T)

# One rule reads what was built: globals.
lint:
	$(MAKE) -j$(JOBS) all
	$(TEST_ENV) $(TALLY) $(LINT_T)

.PHONY: asan tsan fuzz soak bench bench-kafka bench-scale bench-web coverage
asan tsan:
	$(MAKE) -j$(JOBS) VARIANT=$@ unit fuzzers
	$(TEST_ENV) $(SANITIZER_ENV) $(TALLY) $(UNIT_BIN:build/%=build/$@/%) $(FUZZ_BIN:build/%=build/$@/%)

FUZZ_SECONDS ?= 60
fuzz:
	ops/deps build check fuzz
	$(MAKE) -j$(JOBS) VARIANT=fuzz CC=clang-14 fuzzers
	tests/lib/fuzz_all $(FUZZ_SECONDS) $(FUZZ_BIN:build/%=build/fuzz/%)

soak:
	$(MAKE) -j$(JOBS) all drivers console-jar $(VENV)/.ready
	$(TEST_ENV) SMILEY_SOAK=1 $(TALLY) --jobs 1 $(E2E_T)

bench:
	ops/deps build check
	$(MAKE) -j$(JOBS) all drivers $(VENV)/.ready
	$(TEST_ENV) tests/bench/run

bench-web:
	ops/deps build check bench
	$(MAKE) -j$(JOBS) all drivers $(VENV)/.ready
	$(TEST_ENV) tests/bench/web

bench-kafka:
	ops/deps build check
	$(MAKE) -j$(JOBS) all drivers $(VENV)/.ready
	$(TEST_ENV) tests/bench/kafka

bench-scale:
	ops/deps build check
	$(MAKE) -j$(JOBS) all drivers $(VENV)/.ready
	$(TEST_ENV) tests/bench/fleet --json build/fleet.json
	tests/bench/scale --figures build/fleet.json

coverage:
	ops/deps build check dev
	$(MAKE) -j$(JOBS) VARIANT=coverage unit
	$(TEST_ENV) $(TALLY) $(UNIT_BIN:build/%=build/coverage/%)
	lcov --quiet --capture --directory build/coverage/obj --base-directory . --no-external \
		--output-file build/coverage/all.info
	lcov --quiet --remove build/coverage/all.info "*/tests/*" --output-file build/coverage/lcov.info
	lcov --list build/coverage/lcov.info
	genhtml --quiet --output-directory build/coverage/html build/coverage/lcov.info

# The pictures in README.md, anew.
.PHONY: screenshots
screenshots:
	ops/deps build check dev
	$(MAKE) -j$(JOBS) all $(VENV)/.ready
	$(TEST_ENV) SMILEY_SCREENSHOTS=$(CURDIR)/docs tests/e2e/browser_pages.t pictures

# What smiley is made from and runs with, for who has to know: CycloneDX.
SBOM := $(B)/smiley.cdx.json
.PHONY: sbom
sbom: $(SBOM)
$(SBOM): ops/sbom ops/deps.txt web/grammar/requirements.txt $(SMILEY) $(SMILEY_PYTHON) $(SMILEY_HTTP) $(if $(HAVE_KORE),$(WEB_MODULE))
	$(Q)ops/sbom $(SMILEY) $(SMILEY_PYTHON) $(SMILEY_HTTP) $(if $(HAVE_KORE),$(WEB_MODULE) /usr/bin/kore) > $@.$$$$ && mv $@.$$$$ $@
	@echo $@

# ---- the rest ------------------------------------------------------------------------
.PHONY: deps demo demo-kafka format tidy install clean help
deps:
	ops/deps build check

demo:
	ops/deps build
	$(MAKE) -j$(JOBS) all
	ops/demo/demo $(CURDIR)/build/bin/smiley $(CURDIR)/build/demo

demo-kafka:
	ops/deps build kafka
	$(MAKE) -j$(JOBS) all
	ops/demo/demo-kafka $(CURDIR)/build/bin/smiley $(CURDIR)/build/demo-kafka

ALL_C = $(wildcard $(FOLDERS:%=%/*.[ch]) tests/*/*.[ch])
format:
	clang-format-14 -i $(ALL_C)

tidy:
	ops/deps build check dev
	clang-tidy-14 --quiet $(wildcard $(FOLDERS:%=%/*.c)) -- -std=c17 -D_GNU_SOURCE -I. $(PYTHON_CFLAGS)

# Usable from there: PREFIX/share/smiley/kafka/broker start.
KAFKA_PROGRAMS := ops/kafka/broker ops/kafka/cluster ops/kafka/tool
KAFKA_FILES := $(wildcard ops/kafka/*.py ops/kafka/*.properties) ops/kafka/pom.xml ops/kafka/topics.conf

# smiley reads /etc/smiley/smiley.conf; what is there is an administrator's, unless a package
# is made, which says SYSCONFDIR.
UNITDIR ?= $(PREFIX)/lib/systemd/system
# Where Debian's python finds what was put below PREFIX by hand.
PYTHONDIR ?= $(PREFIX)/lib/python$(EMBEDDED)/$(if $(filter /usr/local,$(PREFIX)),dist-packages,site-packages)
CONFDIR := $(if $(SYSCONFDIR),$(SYSCONFDIR)/smiley,$(PREFIX)/share/doc/smiley)

install: all extensions
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/smiley
	install -m 755 $(SMILEY) $(DESTDIR)$(PREFIX)/bin/smiley
	install -m 755 $(SMILEY_PYTHON) $(DESTDIR)$(PREFIX)/libexec/smiley/smiley-python.so
	install -m 755 $(SMILEY_HTTP) $(DESTDIR)$(PREFIX)/libexec/smiley/smiley-http
	install -d $(DESTDIR)$(PREFIX)/libexec/smiley/inject
	install -m 755 $(INJECT_SO) $(EXTENSIONS) $(DESTDIR)$(PREFIX)/libexec/smiley/inject/
	install -m 644 $(INJECT_SITE) $(DESTDIR)$(PREFIX)/libexec/smiley/inject/
	$(if $(HAVE_KORE),install -m 644 $(WEB_MODULE) $(DESTDIR)$(PREFIX)/libexec/smiley/smiley-web.so)
	install -D -m 644 -t $(DESTDIR)$(PYTHONDIR)/smiley $(wildcard tracer/python/smiley/*.py)
	install -D -m 644 $(B)/smiley.1 $(DESTDIR)$(PREFIX)/share/man/man1/smiley.1
	install -D -m 644 $(B)/smiley.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/smiley.conf.5
	install -D -m 644 $(B)/smiley.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/smiley
	install -D -m 644 $(B)/smiley.zsh $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_smiley
	install -D -m 644 $(B)/smiley.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/smiley.fish
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/smiley/README.md
	install -D -m 644 ops/README.md $(DESTDIR)$(PREFIX)/share/doc/smiley/operations.md
	install -D -m 644 $(B)/smiley.conf $(DESTDIR)$(CONFDIR)/smiley.conf
	install -d $(DESTDIR)$(UNITDIR)
	for unit in record server; do \
		sed 's|@BIN@|$(PREFIX)/bin|' ops/systemd/smiley-$$unit.service.in \
			> $(DESTDIR)$(UNITDIR)/smiley-$$unit.service || exit 1; done
	install -D -m 644 ops/systemd/smiley.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/smiley.conf
	install -D -m 644 ops/systemd/smiley.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/smiley.conf
	install -d $(DESTDIR)$(PREFIX)/share/smiley/kafka
	install -m 755 $(KAFKA_PROGRAMS) $(DESTDIR)$(PREFIX)/share/smiley/kafka
	install -m 644 $(KAFKA_FILES) $(DESTDIR)$(PREFIX)/share/smiley/kafka
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/smiley/prometheus $(wildcard ops/prometheus/*)
	for jar in $(wildcard $(dir $(CONSOLE_JAR))*.jar); do \
		install -m 644 $$jar $(DESTDIR)$(PREFIX)/share/smiley || exit 1; done

# A wheel of what was built, for pip; setuptools comes from PyPI.
.PHONY: wheel
wheel: all extensions $(VENV)/.ready
	tracer/python/wheel $(B) $(VENV)/bin/python build/wheel

# A Debian package of what was built; and it is installed, used and removed in a bare Debian.
.PHONY: deb check-deb
deb:
	ops/deps build package
	$(MAKE) -j$(JOBS) all
	ops/deb $(CURDIR)/build/deb

check-deb: deb
	ops/deps bare
	$(TEST_ENV) tests/deb/install.t

# All but the pages is built and tested in a bare Debian 13, too.
.PHONY: check-trixie
check-trixie:
	ops/deps bare
	$(TEST_ENV) tests/deb/trixie.t

# The Dockerfile's images, built on a bare Debian, and the services of compose.yaml out of them.
.PHONY: check-docker
check-docker:
	ops/deps build check bare
	$(MAKE) -j$(JOBS) all $(VENV)/.ready
	$(TEST_ENV) SMILEY_SOAK=1 tests/e2e/docker.t

clean:
	rm -rf build

help:
	@echo 'make            build build/bin/smiley'
	@echo 'make extensions the tracer for each Python found, and for PYTHONS="/path/python3.12 ..."'
	@echo 'make demo       install what is missing, build, trace a program and show it'
	@echo 'make demo-kafka the same with a real Kafka, fetched from Maven Central: monitor, record, replay'
	@echo 'make deps       install the Debian packages that are missing (ops/deps.txt)'
	@echo 'make check      everything that must hold: build, lint, unit, golden, e2e, sanitizers, fuzz corpora'
	@echo 'make test       unit, golden and e2e tests only'
	@echo 'make lint       include rule, headers, clang-format, file sizes, globals'
	@echo 'make asan       unit tests and fuzz corpora with the address and undefined sanitizers'
	@echo 'make tsan       the same with the thread sanitizer'
	@echo 'make fuzz       every fuzz target for FUZZ_SECONDS (60)'
	@echo 'make soak       the e2e tests at full length; faults for SOAK_SECONDS (1800)'
	@echo 'make bench      what tracing costs, against coverage, hunter and viztracer'
	@echo 'make bench-kafka  a log on Kafka, against what librdkafka'"'"'s own performance tool takes'
	@echo 'make bench-scale  thousands of runs at once on a real Kafka, and what 10,000 hosts ask for'
	@echo 'make bench-web  pages of a run of 10^7 events, beside nginx and the original'"'"'s own server'
	@echo 'make sbom       what it is made from and runs with, as CycloneDX: build/smiley.cdx.json'
	@echo 'make screenshots  the pictures in README.md, anew: docs/'
	@echo 'make coverage   lines the unit tests reach: build/coverage/html'
	@echo 'make format     clang-format all sources'
	@echo 'make tidy       clang-tidy all sources'
	@echo 'make console-jar  the formatter for kafka-console-consumer: build/share/smiley/*.jar'
	@echo 'make install    into PREFIX (/usr/local), below DESTDIR'
	@echo 'make wheel      a wheel for pip: build/wheel/smiley-VERSION-*.whl'
	@echo 'make deb        a Debian package: build/deb/smiley_VERSION_ARCH.deb'
	@echo 'make check-deb  installs it in a bare Debian (debootstrap, root), uses it, removes it'
	@echo 'make check-trixie  builds and tests all but the pages in a bare Debian 13 (debootstrap, root)'
	@echo 'make check-docker  builds the images of docker/ on a bare Debian (buildah, root), runs their services'
	@echo 'make clean      remove build/'
	@echo 'settings: CC=clang-14  WERROR=  VARIANT=asan|tsan|fuzz|coverage  JOBS=2'

-include $(shell find $(B)/obj $(B)/pic -name '*.d' 2>/dev/null)
