# SPDX-License-Identifier: GPL-3.0-or-later
# trialbed. `make help` lists the targets.

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DESTDIR ?=
PKG_CONFIG ?= pkg-config

# release, debug, asan, tsan or cov. Each has its own folder below build/.
VARIANT ?= release
B := build/$(VARIANT)

# The layers, what each may use, and its folders. Everything else about layering follows from these lines: which libraries a
# unit test is linked with, and what tests/lint/t0001-layers.sh accepts.
LAYERS := base guest stats plan db images collectors vm exec reports cmd
dir_base       := runner/base
dir_guest      := guest
dir_stats      := stats
dir_plan       := runner/plan
dir_db         := db db/bundle
dir_images     := images
dir_collectors := collectors
dir_vm         := runner/vm runner/vm/net runner/vm/wire
dir_exec       := runner/exec
dir_reports    := reports reports/compare
dir_cmd        := runner/cmd
uses_base       :=
uses_guest      :=
uses_stats      := base
uses_plan       := base
uses_db         := base
uses_images     := guest base
uses_collectors := base
uses_vm         := images guest base
uses_exec       := plan vm collectors stats db images guest base
uses_reports    := db stats base
uses_cmd        := exec reports stats plan vm collectors db images guest base

PKGS := glib-2.0 gio-unix-2.0 json-glib-1.0 yaml-0.1 sqlite3 libpcap libnl-3.0 libnl-route-3.0 \
        libarchive libcrypto libelf libpcre2-8
HEADERS := libvirt libvirt-qemu # not linked with: runner/vm/libvirt-load.h
VERSION := $(shell git describe --always --dirty 2>/dev/null || cat version.txt 2>/dev/null || echo 0-unknown)

variant_release := -O2 -g -D_FORTIFY_SOURCE=2
variant_debug   := -O0 -g3
variant_asan    := -O1 -g3 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
variant_tsan    := -O1 -g3 -fsanitize=thread
variant_cov     := -O0 -g3 --coverage -DTRIALBED_COVERAGE
ifeq ($(variant_$(VARIANT)),)
$(error there is no VARIANT '$(VARIANT)'; use release, debug, asan, tsan or cov)
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
        -Wformat=2 -Wwrite-strings -Wpointer-arith -Wundef -Wvla
ifneq ($(WERROR),)
WARN += -Werror
endif

# Goals that install what is missing, or need nothing, must work before the libraries are there.
without_libraries := demo check deps clean help tour
ifneq ($(filter-out $(without_libraries),$(or $(MAKECMDGOALS),all)),)
missing := $(foreach p,$(PKGS) $(HEADERS),$(shell $(PKG_CONFIG) --exists $(p) || echo $(p)))
ifneq ($(strip $(missing)),)
$(error missing development packages: $(strip $(missing)); `make deps` installs them)
endif
pkg_cflags := $(shell $(PKG_CONFIG) --cflags $(PKGS) $(HEADERS))
pkg_libs   := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lRmath -lm -lpthread
endif

CFLAGS ?=
all_cflags = -std=gnu17 -D_GNU_SOURCE -DMATHLIB_STANDALONE $(WARN) $(variant_$(VARIANT)) -iquote . -iquote $(B) -Wa,-I. -Wa,-I$(B) \
             $(pkg_cflags) $(CPPFLAGS) $(CFLAGS)

ifneq ($(V),1)
Q = @printf '  %-5s %s\n' $(1) $@;
endif

.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
.PHONY: all demo check check-all check-unit check-cli check-integration check-lint check-layers check-schema fuzz bench-plan bench-link bench-start deps install uninstall check-crate bench-bundle bench-report bench-db gallery check-browser check-faults check-debian check-soak bench-run \
        clean help tour FORCE

all: $(B)/trialbed $(B)/trialbed_stats.so ## build the program

demo: deps ## install, build, and run the quickstart on real virtual machines
	@$(MAKE) --no-print-directory VARIANT=release all
	@tools/demo.sh build/release/trialbed

deps: ## install what trialbed needs to be built, run and tested (asks sudo when not root)
	@tools/deps.sh packages.txt

# A change of flags rebuilds everything; the same flags leave the time stamp alone.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','"'"',$(all_cflags)) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(subst ','"'"',$(all_cflags)) $(LDFLAGS)' >$@

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(all_cflags) $(pic_$*) -MMD -MP -c -o $@ $<

# The version is known to one object only, so that a commit does not rebuild everything.
$(B)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@
$(B)/runner/base/version.o: $(B)/version
$(B)/runner/base/version.o: private CPPFLAGS += -DTRIALBED_VERSION='"$(VERSION)"' -DTRIALBED_VARIANT='"$(VARIANT)"'

# SQL is written in .sql files and compiled in, so the program needs no data files to open a database.
sql := $(sort $(wildcard db/migrations/*.sql)) $(sort $(wildcard db/queries/*.sql)) $(sort $(wildcard db/queries/*/*.sql))
$(B)/gen/db-sql.h: db/sql2h.sh $(sql) db/migrations db/queries
	@mkdir -p $(@D)
	$(call Q,SQL)db/sql2h.sh $(sql) >$@
$(patsubst %.c,$(B)/%.o,$(wildcard db/*.c)): $(B)/gen/db-sql.h

# The guest agent: one static program without our libraries, compiled into trialbed (images/agent-blob.c). For machines of another
# architecture too, where its compiler is; without it there is an empty file, and such images cannot be built.
agent_src := $(sort $(wildcard guest/agent/*.c)) $(sort $(wildcard guest/*.c))
agent_flags = -std=gnu17 -D_GNU_SOURCE $(WARN) -Os -static -s -iquote . -Wl,--build-id=none
CROSS_aarch64 ?= aarch64-linux-gnu-gcc
have_aarch64 := $(shell command -v $(firstword $(CROSS_aarch64)) 2>/dev/null)
$(B)/guest/trialbed-agent: $(agent_src) $(wildcard guest/*.h guest/agent/*.h) $(B)/flags
	@mkdir -p $(@D)
	$(call Q,AGENT)$(CC) $(agent_flags) -o $@ $(agent_src)
# Which compiler it was is part of what it depends on: installing one builds the agent.
$(B)/cross-aarch64: FORCE
	@mkdir -p $(@D)
	@echo '$(have_aarch64)' | cmp -s - $@ || echo '$(have_aarch64)' >$@
$(B)/guest/trialbed-agent-aarch64: $(agent_src) $(wildcard guest/*.h guest/agent/*.h) $(B)/flags $(B)/cross-aarch64
	@mkdir -p $(@D)
	$(call Q,AGENT)$(if $(have_aarch64),$(CROSS_aarch64) $(agent_flags) -o $@ $(agent_src),: >$@)
$(B)/images/agent-blob.o: $(B)/guest/trialbed-agent $(B)/guest/trialbed-agent-aarch64
$(B)/images/recipe-blob.o: $(wildcard images/recipes/*)
$(B)/reports/template-blob.o: $(wildcard reports/templates/*)
$(B)/db/bundle/template-blob.o: $(wildcard db/bundle/templates/*)

define layer
src_$(1) := $$(sort $$(foreach d,$$(dir_$(1)),$$(wildcard $$(d)/*.c)))
$(B)/lib$(1).a: $$(src_$(1):%.c=$(B)/%.o)
	$$(call Q,AR)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$(l))))

$(B)/trialbed: $(B)/runner/main.o $(foreach l,cmd $(uses_cmd),$(B)/lib$(l).a)
	$(call Q,LD)$(CC) $(all_cflags) $(LDFLAGS) -o $@ $(B)/runner/main.o -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(pkg_libs) $(LDLIBS)

# The statistics functions as a loadable extension for any SQLite tool: one source, compiled twice.
$(B)/trialbed_stats.so: db/stats.c db/stats.h $(B)/flags
	$(call Q,SO)$(CC) $(filter-out -fsanitize% -fno-sanitize%,$(all_cflags)) -DTRIALBED_STATS_EXTENSION -fPIC -shared -o $@ db/stats.c -lRmath -lm

# tests/unit/<layer>/test-*.c sees its own layer and the layers beneath it, and nothing above.
check_cflags = $(shell $(PKG_CONFIG) --cflags check)
check_libs   = $(shell $(PKG_CONFIG) --libs check)
define unit_layer
tests_$(1) := $$(patsubst tests/%.c,$(B)/tests/%,$$(sort $$(wildcard tests/unit/$(1)/test-*.c)))
unit_tests += $$(tests_$(1))
$$(tests_$(1)): $(B)/tests/%: $(B)/tests/%.o $(foreach l,$(1) $(uses_$(1)),$(B)/lib$(l).a)
	$$(call Q,LD)$$(CC) $$(all_cflags) $$(LDFLAGS) -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(check_libs) $$(pkg_libs)
endef
unit_tests :=
$(foreach l,$(LAYERS),$(eval $(call unit_layer,$(l))))
$(filter $(B)/tests/unit/guest/test-agent-%,$(tests_guest)): $(B)/guest/trialbed-agent
cli_tests         := $(sort $(wildcard tests/cli/t[0-9]*.sh))
integration_tests := $(sort $(wildcard tests/integration/t[0-9]*.sh))
image_test        := tests/integration/t5000-image.sh # builds the image that all later tests boot
fault_test        := tests/integration/t5020-faults.sh # here with its own seed and for a short time; make check-faults for longer
test_images        = $(or $(TRIALBED_IMAGES),$(abspath $(B)/images))
lint_tests        := $(sort $(wildcard tests/lint/t[0-9]*.sh))
T ?=
chosen = $(if $(T),$(filter %$(T) %$(T).sh,$(1)),$(1))
run_tap = TRIALBED='$(abspath $(B)/trialbed)' TRIALBED_BUILD='$(abspath $(B))' TRIALBED_IMAGES='$(test_images)' LAYER_TABLE='$(layer_table)' tests/run-tap.sh
layer_table = $(foreach l,$(LAYERS),$(dir_$(l)) = $(dir_$(l)) $(foreach u,$(uses_$(l)),$(dir_$(u)));)

check: deps ## install what is missing, build, and run everything that must pass before a commit
	@$(MAKE) --no-print-directory check-all

check-all: all $(unit_tests)
	@$(run_tap) $(lint_tests) $(image_test) -- $(unit_tests) $(cli_tests) $(fault_test) $(filter-out $(image_test) $(fault_test),$(integration_tests))

check-unit: all $(unit_tests) ## unit tests; one test: make check-unit T=test-matrix
	@$(run_tap) $(call chosen,$(unit_tests))

check-cli: all ## tests that drive the real program with fake machines; one test: T=t0001-usage
	@$(run_tap) $(call chosen,$(cli_tests))

check-integration: all ## tests on real virtual machines; one test: T=t5001-quickstart
	@$(run_tap) $(call chosen,$(integration_tests))

check-lint: all ## rules that the compiler cannot see
	@$(run_tap) $(lint_tests)

gallery: all ## draw an example of every kind of figure into docs/gallery, which is also the golden copy of a test
	@tools/gallery.sh $(B)/trialbed docs/gallery

check-browser: all ## the report's page in headless Chromium (installs it); SCREENSHOTS=DIR keeps pictures
	@tools/deps.sh tests/browser/packages.txt
	@$(run_tap) $(sort $(wildcard tests/browser/t[0-9]*.sh))
check-faults: all ## kill, stop and fill up at random moments for longer: DURATION=600 SEED=1
	@DURATION=$(or $(DURATION),600) $(if $(SEED),SEED=$(SEED)) $(run_tap) $(fault_test)

check-debian: all ## build the image debian-12 (once), boot it and reach it in every way: minutes without KVM
	@$(run_tap) $(sort $(wildcard tests/debian/t[0-9]*.sh))

check-soak: all ## thousands of short runs without growth: RUNS=2000 JOBS=4
	@$(run_tap) tests/bench/soak.sh

bench-run: all ## the runner's own cost, and runs an hour against a shell loop, GNU parallel and JUBE (installs these): PARTS= RUNS= N=
	@tools/deps.sh tests/bench/packages.txt
	@TRIALBED='$(abspath $(B)/trialbed)' TRIALBED_IMAGES='$(test_images)' tests/bench/bench-run.sh

check-asan: ## check again with address and undefined-behaviour sanitizers
	@$(MAKE) check VARIANT=asan

# Needs node and, the first time, the network: the validator goes to build/, not into the tree.
schema_bad := unknown-key unknown-key-inside choices boolean text-for-list missing-keys no-machines range-keys
check-schema: $(B)/trialbed ## check the scenarios against the JSON Schema with an independent validator (npm)
	@mkdir -p build/schema && cp tests/schema/package.json build/schema/
	@test -d build/schema/node_modules/ajv || (cd build/schema && npm install --silent --no-audit --no-fund)
	@$(B)/trialbed scenario schema >build/schema/scenario.json
	@node tests/schema/check.mjs build/schema/scenario.json '$(abspath build/schema)' scenarios/*/scenario.yaml \
	    tests/data/scenario/good/*.yaml -- $(schema_bad:%=tests/data/scenario/bad/%.yaml)

DURATION ?= $(or $(FUZZ_SECONDS),60)
fuzz_flags = -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -iquote .
# A scenario's limit is time, not a hang: ten million cells take 15 s of processor under the sanitizers.
fuzz: ## let clang's fuzzer look for trouble in what decodes foreign bytes: DURATION=60 seconds each
	@mkdir -p build/fuzz/wire build/fuzz/scenario
	clang $(fuzz_flags) -o build/fuzz/fuzz-wire tests/fuzz/fuzz-wire.c guest/wire.c
	build/fuzz/fuzz-wire -max_total_time=$(DURATION) -max_len=70000 -artifact_prefix=build/fuzz/ build/fuzz/wire
	@mkdir -p build/fuzz/agent
	clang $(fuzz_flags) $(pkg_cflags) -DTRIALBED_VERSION='"fuzz"' \
	    -o build/fuzz/fuzz-agent tests/fuzz/fuzz-agent.c runner/vm/agent-client.c runner/vm/agent-stream.c guest/wire.c $(src_base) $(pkg_libs)
	build/fuzz/fuzz-agent -max_total_time=$(DURATION) -max_len=4000 -timeout=30 -artifact_prefix=build/fuzz/ build/fuzz/agent
	clang $(fuzz_flags) $(pkg_cflags) -DTRIALBED_VERSION='"fuzz"' -o build/fuzz/fuzz-scenario tests/fuzz/fuzz-scenario.c $(src_plan) $(src_base) $(pkg_libs)
	build/fuzz/fuzz-scenario -max_total_time=$(DURATION) -max_len=20000 -timeout=120 -rss_limit_mb=2000 -artifact_prefix=build/fuzz/ \
	    -dict=tests/fuzz/scenario.dict build/fuzz/scenario tests/fuzz/corpus tests/data/scenario/good tests/data/scenario/bad
	@mkdir -p build/fuzz/corpus-bundle
	@cd build/fuzz/corpus-bundle && mkdir -p t/data && echo x >t/data/a && ln -s a t/data/b && ln t/data/a t/data/c && \
	    for format in gnu ustar pax v7; do tar --format=$$format -cf $$format t || exit 1; done; sha256sum t/data/a >manifest; rm -r t
	clang $(fuzz_flags) $(pkg_cflags) -DTRIALBED_VERSION='"fuzz"' \
	    -o build/fuzz/fuzz-bundle tests/fuzz/fuzz-bundle.c db/bundle/bundle-read.c db/bundle/bag.c db/bundle/parts.c $(src_base) $(pkg_libs)
	build/fuzz/fuzz-bundle -max_total_time=$(DURATION) -max_len=20000 -artifact_prefix=build/fuzz/ build/fuzz/corpus-bundle

bench-plan: all $(B)/tests/bench/bench-plan ## a million runs expanded, ordered and stored, check and plan --explain: seconds and memory
	@TRIALBED='$(abspath $(B)/trialbed)' BENCH_PLAN='$(abspath $(B)/tests/bench/bench-plan)' tests/bench/bench-plan.sh

bench-bundle: all ## export and verify of 1 GiB against tar | zstd and zstd -d | sha256sum: N=5 MIB=1024
	@TRIALBED='$(abspath $(B)/trialbed)' tests/bench/bench-bundle.sh

bench-report: all ## a report over 1,000 cells and 100,000 runs, inside and outside gnuplot: N=5
	@TRIALBED='$(abspath $(B)/trialbed)' tests/bench/bench-report.sh

check-crate: all ## bundles before validators of RO-Crate and JSON Schema (fetches them with npm)
	@TRIALBED='$(abspath $(B)/trialbed)' tests/crate/check-crate.sh

# Programs that measure; they see the layers that a test of exec sees.
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(foreach l,exec $(uses_exec),$(B)/lib$(l).a)
	$(call Q,LD)$(CC) $(all_cflags) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(pkg_libs)

bench-db: $(B)/tests/bench/bench-db ## measure the database against the same rows by hand: SAMPLES=1e7 REPETITIONS=3
	$(B)/tests/bench/bench-db $(or $(SAMPLES),1e7) $(or $(REPETITIONS),3)

bench-start: all $(B)/tests/bench/bench-taps ## how fast machines are ready, handed over and gone, beside plain QEMU: N=7 PARTS="taps start load eight quickstart"
	@TRIALBED='$(abspath $(B)/trialbed)' BENCH_TAPS='$(abspath $(B)/tests/bench/bench-taps)' TRIALBED_IMAGES='$(test_images)' tests/bench/bench-start.sh

bench-link: all $(B)/tests/bench/bench-link ## how exact impaired links are and what they carry: N=5 MACHINES=no
	@TRIALBED='$(abspath $(B)/trialbed)' BENCH_LINK='$(abspath $(B)/tests/bench/bench-link)' TRIALBED_IMAGES='$(test_images)' tests/bench/bench-link.sh

install: all ## install below $(DESTDIR)$(PREFIX)
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(PREFIX)/lib/trialbed'
	install -m 0755 $(B)/trialbed '$(DESTDIR)$(BINDIR)/trialbed'
	install -m 0644 $(B)/trialbed_stats.so '$(DESTDIR)$(PREFIX)/lib/trialbed/trialbed_stats.so'

uninstall: ## remove what install put there
	rm -f '$(DESTDIR)$(BINDIR)/trialbed' '$(DESTDIR)$(PREFIX)/lib/trialbed/trialbed_stats.so'

clean: ## remove build/
	rm -rf build

tour: ## where to begin reading
	@grep -rn --include='*.[ch]' --exclude-dir=build 'TOUR [0-9]/8' . | \
	    sed -E 's,^\./([^:]*:[0-9]+):.*TOUR ([0-9])/8: *(.*),\2  \1  \3,' | sort -n

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 22

-include $(shell find $(B) -name '*.d' 2>/dev/null)
