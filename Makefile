# ila: build, tests, demo.  `make help` lists the targets.
#
# Everything is built under $(BUILD); sources are found by room, so a new file
# needs no line here.

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= gcc

WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
           -Wpointer-arith -Wformat=2 -Wvla -Wundef -Werror
OPT      = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE =
CFLAGS   = -std=c17 -D_GNU_SOURCE $(WARN) $(OPT) $(SANITIZE) -fPIC -fno-semantic-interposition -pthread -I. -isystem /usr/include/libxml2
LDFLAGS  = -pie -pthread -Wl,-z,relro,-z,now $(SANITIZE)
SHARED   = -shared -pthread -Wl,-z,relro,-soname,$(@F) $(SANITIZE)
RPATH    = -Wl,-rpath,$(abspath $(BUILD))
LIBS     = -lsqlite3 -lpq -lmicrohttpd -lgnutls -lcrypto -lcsv -ljansson -lxml2 -lcurl -lz -linih -lcjose
TESTLIBS = -lcmocka -lpq

PACKAGES = libsqlite3-dev libpq-dev libmicrohttpd-dev libgnutls28-dev libssl-dev libcsv-dev libjansson-dev libcmocka-dev \
           libcurl4-openssl-dev libxml2-dev zlib1g-dev libinih-dev libcjose-dev pkg-config tzdata

# The rooms, in the order of dependence.
ROOMS    = ledger/base ledger/forms ledger/store ledger/proof ledger/moving ledger/book ledger/desk ledger/rules ledger/registers \
           ledger/oversight ledger/rights ledger/voucher ledger/events ledger/treasury ledger/seasons ledger/lists ledger/intake ledger/queues \
           ledger/audit ledger reports reports/entitlement api/config api/service api/frame api/views \
           api/actions api/net api/contract api/token api/http api/hooks api/demo api/cli
SRC      = $(sort $(foreach r,$(ROOMS),$(wildcard $(r)/*.c)))
EMBED    = $(sort $(wildcard migrations/*.sql ledger/rules/samples/*.json))
EMBED_IN = migrations ledger/rules/samples # their own dates tell that a file came, went or has a new name
OBJ      = $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/embed.o
LIB      = $(BUILD)/libila.a
# What the tests link: a changed line of the product relinks one library, not a hundred programs.
SOLIB    = $(BUILD)/libila.so
ILA      = $(BUILD)/ila

# The model is part of it: tests/lib/verb.c names both halves of a verb.
TESTLIB_SRC = $(sort $(wildcard tests/lib/*.c tests/model/model_*.c))
TESTLIB  = $(BUILD)/libtests.so
TESTLIB_OBJ = $(filter-out %/failing_disk.o,$(TESTLIB_SRC:%.c=$(BUILD)/%.o))
TEST_SRC = $(sort $(wildcard tests/unit/*/*.c tests/http/*.c tests/crash/*.c tests/tidy/*.c tests/replay/*_test.c)) \
           tests/model/model.c tests/model/transcript.c
TESTS    = $(TEST_SRC:%.c=$(BUILD)/%)

# Programs that are no tests: NAME.c has the main, the NAME_*.c beside it are its parts.
TOOL_SRC = $(filter-out $(foreach t,bench raw pages,$(wildcard tests/bench/$t_*.c)),$(wildcard tests/bench/*.c)) \
           tests/replay/replay.c
TOOLS    = $(TOOL_SRC:%.c=$(BUILD)/%)
TOOL_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/*.c) tests/replay/replay.c)
FAILING  = $(BUILD)/tests/failing_ila

# Harnesses: each a file, fuzz*.c what they share, corpus.c what runs them without libFuzzer (make fuzz).
HARNESS_SRC = $(filter-out tests/fuzz/fuzz% tests/fuzz/corpus.c,$(sort $(wildcard tests/fuzz/*.c)))
HARNESS  = $(HARNESS_SRC:%.c=$(BUILD)/%)
HARNESS_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/fuzz*.c) \
              $(foreach t,served fixture kept persons program sql where,tests/lib/$t.c))
HARNESS_MAIN ?= $(BUILD)/tests/fuzz/corpus.o
parts_of = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $1_*.c))

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc) --no-print-directory
endif
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL: # make clean check: one after the other
endif

.PHONY: all help deps demo check lifecycle soak sanitize tsan clang mutate mutate-table bench bench-long peak replay install deb clean format format-check lint \
        tests fuzz harnesses
.DELETE_ON_ERROR:
.SECONDARY:

all: deps
	@$(MAKE) $(ILA)

help:
	@echo "make             build $(BUILD)/ila"
	@echo "make demo        run the main job on a sample scheme"
	@echo "make check       run all the tests, on SQLite and on a private PostgreSQL; ENGINE=sqlite or ENGINE=postgres: on one"
	@echo "make soak        break the disk at every operation, kill the server 200 times, walk a million steps beside the model, break a cluster 20 times, install on a clean machine"
	@echo "make sanitize    run the tests under ASan and UBSan, on SQLite; ENGINE=postgres: on PostgreSQL"
	@echo "make tsan        run the threaded ones under TSan, the same way"
	@echo "make fuzz [SECONDS=60] [AT=\"NAME...\"]   make up inputs for each harness of tests/fuzz, so long each (clang)"
	@echo "make clang       build everything with clang, warnings are errors"
	@echo "make mutate-table  drop each gate, state and posting of the transition table: does a test notice?"
	@echo "make mutate [N=200] [SEED=1] [DIRS=...]   change the product at N places and see which change no test notices"
	@echo "make bench       measure, beside the raw limit (two minutes); ENGINE=postgres: on PostgreSQL"
	@echo "make bench-long [BENCH_ACCOUNTS=10000000]   measure how it scales (twenty minutes)"
	@echo "make peak        300,000 people at one envelope (two minutes)"
	@echo "make replay DATA=FILE.csv OUT=DIR   replay real monthly volumes"
	@echo "make lifecycle   draw the life of a voucher"
	@echo "make install PREFIX=/usr/local [DESTDIR=]"
	@echo "make deb         a Debian package: $(BUILD)/ila_VERSION_ARCH.deb"
	@echo "make lint format format-check clean"

# The packages, asked for by their headers: costs nothing when they are there.
deps:
	@BUILD_PACKAGES="$(PACKAGES)" CC="$(CC)" sh tests/deps.sh

demo: deps
	@$(MAKE) $(ILA)
	@$(ILA) demo

check: deps
	@$(MAKE) tests
	@test "$(ENGINE)" = postgres || $(MAKE) $(SANITIZED) harnesses
	@ENGINE=$(or $(ENGINE),both) sh tests/run.sh $(BUILD)

tests: $(ILA) $(FAILING) $(TESTS) $(TOOL_OBJ)

# The corpus is always run under the sanitizers; make sanitize has the rest of the tests in the same folder.
SANITIZED = BUILD=build-asan SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all" \
            OPT="-O1 -g1 -fno-omit-frame-pointer"

harnesses: $(HARNESS)

fuzz: deps
	@sh tests/fuzz/run.sh tools
	@$(MAKE) BUILD=build-fuzz CC=clang SANITIZE="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" \
		OPT="-O1 -g1 -fno-omit-frame-pointer" HARNESS_MAIN= HARNESS_FLAGS=-fsanitize=fuzzer harnesses
	@sh tests/fuzz/run.sh build-fuzz "$(or $(SECONDS),60)" $(AT)

soak: deps
	@$(MAKE) tests
	@ILA_SOAK=1 ILA_TEST_SECONDS=3600 sh tests/run.sh $(BUILD) crash/faults crash/kill crash/statements model/model
	@ILA_SOAK=1 ILA_TEST_SECONDS=3600 sh tests/run.sh $(BUILD) http/guessing
	@ENGINE=postgres ILA_SOAK=1 ILA_TEST_SECONDS=7200 sh tests/run.sh $(BUILD) crash/cut crash/server crash/statements model/model model/transcript
	@ILA_SOAK=1 ILA_TEST_SECONDS=1500 sh tests/run.sh $(BUILD) crash/failover
	@ILA_SOAK=1 ILA_TEST_SECONDS=1200 ENGINE=sqlite sh tests/run.sh $(BUILD) http/package

sanitize: deps
	@ASAN_OPTIONS=allocator_may_return_null=1 $(MAKE) $(SANITIZED) ENGINE=$(or $(ENGINE),sqlite) check

# The same flags and the other compiler; nothing is run.
clang: deps
	@command -v clang >/dev/null || { echo "install clang (on Debian: apt-get install clang)"; exit 1; }
	@$(MAKE) BUILD=build-clang CC=clang tests

tsan: deps
	@$(MAKE) BUILD=build-tsan SANITIZE=-fsanitize=thread OPT="-O1 -g" tests
	@sh tests/run.sh build-tsan unit/desk/writer unit/desk/long unit/desk/lead unit/desk/head_guard unit/audit/audit \
		unit/api/pool unit/api/door unit/api/rate unit/api/token http/tokens http/bulk http/race http/edges http/limits http/abuse http/guessing http/keys http/api \
		http/imports crash/kill

DIRS     = ledger reports api/frame api/actions
# Each gate, state and posting of the transition table dropped in turn.
mutate-table: deps
	@$(MAKE) tests
	@sh tests/mutate/table.sh $(BUILD)

mutate: OPT += -g0
mutate: deps
	@N="$(N)" SEED="$(SEED)" AT="$(AT)" DIRS="$(DIRS)" CC="$(CC)" CFLAGS="$(CFLAGS)" LDFLAGS="$(LDFLAGS)" \
		SHARED="$(SHARED:$(@F)=libila.so)" LIBS="$(LIBS)" OPT="$(OPT)" PYTHONDONTWRITEBYTECODE=1 \
		python3 tests/mutate/mutate.py

bench bench-long:
	@BUILD_PACKAGES="$(PACKAGES) sqlite3" BUILD_COMMANDS=sqlite3 CC="$(CC)" sh tests/deps.sh
	@$(MAKE) $(ILA) $(TOOLS)
	@sh tests/bench/run.sh $(BUILD) $(or $(subst bench-,,$(filter bench-long,$@)),$(filter postgres,$(ENGINE)))

peak: deps
	@$(MAKE) $(ILA) $(BUILD)/tests/bench/peak
	@sh tests/bench/run.sh $(BUILD) peak

replay: deps
	@test -n "$(DATA)" && test -n "$(OUT)" || { echo "usage: make replay DATA=FILE.csv OUT=DIR"; exit 2; }
	@$(MAKE) $(BUILD)/tests/replay/replay
	@$(BUILD)/tests/replay/replay "$(DATA)" "$(OUT)"

lifecycle: deps
	@$(MAKE) $(ILA)
	@$(ILA) transitions --dot > $(BUILD)/lifecycle.dot
	@if command -v dot > /dev/null; then dot -Tsvg -o $(BUILD)/lifecycle.svg $(BUILD)/lifecycle.dot && \
		echo $(BUILD)/lifecycle.svg; else echo "$(BUILD)/lifecycle.dot (install graphviz to draw it)"; fi

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/ila/programmes
	install -m 755 $(ILA) $(DESTDIR)$(PREFIX)/bin/ila
	install -m 644 ledger/rules/samples/*.json $(DESTDIR)$(PREFIX)/share/ila/programmes
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(ILA) help --man > $(DESTDIR)$(PREFIX)/share/man/man1/ila.1
	$(ILA) help --completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ila

deb: deps
	@$(MAKE) $(ILA)
	@sh api/package/deb.sh $(ILA) $(BUILD)

clean:
	rm -rf build build-*/

FORMATTED = $(sort $(foreach d,ledger reports api tests,$(shell find $(d) -name '*.[ch]')))

format:
	@clang-format -i $(FORMATTED)

format-check:
	@clang-format --dry-run --Werror $(FORMATTED)

lint:
	@cppcheck --quiet --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -I. \
		--suppress=missingIncludeSystem $(SRC) api/main.c

$(ILA): $(BUILD)/api/main.o $(LIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	@echo "  AR   $@"
	@rm -f $@ && ar rcs $@ $^

$(SOLIB): $(OBJ)
	@echo "  LD   $@"
	@$(CC) $(SHARED) -o $@ $^ $(LIBS)

$(TESTLIB): $(TESTLIB_OBJ) | $(SOLIB)
	@echo "  LD   $@"
	@$(CC) $(SHARED) -o $@ $^ $(SOLIB) $(RPATH) $(LIBS) $(TESTLIBS)

# The program under test on a disk that fails on command.
$(FAILING): $(BUILD)/api/main.o $(BUILD)/tests/lib/failing_disk.o | $(TESTLIB) $(SOLIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(TESTLIB) $(SOLIB) $(RPATH) $(LIBS)

$(TESTS): $(BUILD)/%: $(BUILD)/%.o | $(TESTLIB) $(SOLIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -Wl,--no-as-needed $(TESTLIB) -Wl,--as-needed $(SOLIB) $(RPATH) $(LIBS) $(TESTLIBS)

$(HARNESS): $(BUILD)/%: $(BUILD)/%.o $(HARNESS_OBJ) $(HARNESS_MAIN) | $(SOLIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) $(HARNESS_FLAGS) -o $@ $^ $(SOLIB) $(RPATH) $(LIBS) $(TESTLIBS)

$(BUILD)/tests/bench/bench: $(call parts_of,tests/bench/bench)
$(BUILD)/tests/bench/raw: $(call parts_of,tests/bench/raw)
$(BUILD)/tests/bench/pages: $(call parts_of,tests/bench/pages)
$(TOOLS): $(BUILD)/%: $(BUILD)/%.o $(TESTLIB_OBJ) $(LIB)
	@echo "  LD   $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(TESTLIBS)

$(BUILD)/%.o: %.c
	@echo "  CC   $<"
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/embed.c: $(EMBED) $(EMBED_IN) ledger/base/embed.awk
	@mkdir -p $(@D)
	@awk -f ledger/base/embed.awk $(EMBED) > $@

$(BUILD)/embed.o: $(BUILD)/embed.c
	@$(CC) $(CFLAGS) -Wno-overlength-strings -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
