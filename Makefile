# clex: one Makefile, PGXS. `make`, `make install`, `make installcheck` as for any extension;
# `make unit` builds and runs the core's unit tests under ASAN and UBSAN; scripts/test runs everything.
EXTENSION = clex
EXTVERSION = 0.1.0
MODULE_big = clex

# the fragments below bring targets of their own
.DEFAULT_GOAL := all

PG_CONFIG ?= pg_config
PERL ?= perl

CORE_SRCS = $(sort $(wildcard extension/core/*/*.c))
GLUE_SRCS = $(sort $(wildcard extension/glue/*.c))

# PGXS defines it; named first so that no fragment below becomes the default goal
all:

# Each room that compiles facts into C or SQL adds its own rules: GEN_C, GEN_H, GEN_SQL, GEN_CLEAN.
GEN_C =
GEN_H =
GEN_SQL =
include $(sort $(wildcard extension/gen/*.mk))

OBJS = $(CORE_SRCS:.c=.o) $(GLUE_SRCS:.c=.o) $(GEN_C:.c=.o)

SQL_PARTS = $(sort $(wildcard extension/sql/*.sql))
DATA_built = build/$(EXTENSION)--$(EXTVERSION).sql
REGRESS = $(sort $(patsubst sql/%.sql,%,$(wildcard sql/*.sql)))
REGRESS_OPTS = --inputdir=. --load-extension=clex --encoding=UTF8 --no-locale

XML2_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null || echo -I/usr/include/libxml2)
# a checkout is strict; who builds a release must not be stopped by what a newer compiler warns of
WERROR = $(if $(wildcard .git),-Werror)
# across files that are linked as one, gcc takes what a failed check leaves unset for what is used
ifneq (,$(findstring -flto,$(shell $(PG_CONFIG) --cflags)))
WERROR += -Wno-maybe-uninitialized
endif
WARN_CFLAGS = -Wall -Wextra $(WERROR) -Wno-declaration-after-statement
# the server's headers are not ours to warn about
PG_CPPFLAGS = -isystem $(shell $(PG_CONFIG) --includedir-server) -Iextension -Ibuild/gen $(XML2_CFLAGS)
# our own calls need not go through the PLT; only functions for SQL are exported
PG_CFLAGS = -std=gnu17 -fvisibility=hidden $(WARN_CFLAGS) -DCLEX_VERSION=\"$(EXTVERSION)\"
# a server built by gcc hands its options to clang, which does not know all of them
ifneq (,$(findstring clang,$(CC)))
PG_CFLAGS += -Wno-ignored-optimization-argument -Wno-unknown-warning-option
endif
SHLIB_LINK = -lxml2 -licui18n -licuuc -lm

# bitcode would double the build for functions far too large to be inlined into expressions
override with_llvm := no

EXTRA_CLEAN = build/gen build/core build/unit build/fuzz $(DATA_built) $(GEN_CLEAN)

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(GEN_H)
$(OBJS): $(wildcard extension/core/*/*.h extension/glue/*.h)

build/gen:
	@mkdir -p $@

$(DATA_built): $(SQL_PARTS) $(GEN_SQL)
	@mkdir -p build
	cat $(sort $(SQL_PARTS)) $(GEN_SQL) > $@

# The core without a server: the same sources, sanitized.
UNIT_CC ?= clang
UNIT_CFLAGS ?= -std=gnu17 -D_GNU_SOURCE -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined $(WARN_CFLAGS) -Iextension -Ibuild/gen $(XML2_CFLAGS)
UNIT_OBJS = $(patsubst %.c,build/unit/%.o,$(CORE_SRCS) $(GEN_C))
UNIT_TESTS = $(patsubst extension/test/unit/%.c,build/unit/%.t,$(sort $(wildcard extension/test/unit/test_*.c)))

build/unit/%.o: %.c $(GEN_H) $(wildcard extension/core/*/*.h)
	@mkdir -p $(dir $@)
	$(UNIT_CC) $(UNIT_CFLAGS) -c $< -o $@

build/unit/libcore.a: $(UNIT_OBJS)
	rm -f $@
	ar rcs $@ $^

build/unit/%.t: extension/test/unit/%.c $(wildcard extension/test/unit/*.h) build/unit/libcore.a
	$(UNIT_CC) $(UNIT_CFLAGS) -Iextension/test/unit $< build/unit/libcore.a -o $@ $(SHLIB_LINK)

# The core as an archive, for companions that read documents without a server.
build/libcore.a: $(CORE_SRCS:.c=.o) $(GEN_C:.c=.o)
	@mkdir -p build
	@rm -f $@
	ar rcs $@ $^

# Companions build by themselves, each in its folder.
CONTRIB = $(sort $(wildcard contrib/*/Makefile))

build-contrib:
	@for m in $(CONTRIB); do $(MAKE) -C "$$(dirname "$$m")" PG_CONFIG='$(PG_CONFIG)' || exit 1; done

install-contrib:
	@for m in $(CONTRIB); do $(MAKE) -C "$$(dirname "$$m")" PG_CONFIG='$(PG_CONFIG)' install || exit 1; done

unit-build: $(UNIT_TESTS)

unit: unit-build
	prove $(UNIT_TESTS)

# Fuzz targets: the core once more, with coverage for libFuzzer; scripts/lib/fuzz runs them.
FUZZ_CFLAGS = $(UNIT_CFLAGS) -O2 -fsanitize=fuzzer-no-link
FUZZ_OBJS = $(patsubst %.c,build/fuzz/obj/%.o,$(CORE_SRCS) $(GEN_C))
FUZZ_TARGETS = $(patsubst extension/test/fuzz/%.c,build/fuzz/%,$(sort $(wildcard extension/test/fuzz/fuzz_*.c)))

build/fuzz/obj/%.o: %.c $(GEN_H) $(wildcard extension/core/*/*.h)
	@mkdir -p $(dir $@)
	$(UNIT_CC) $(FUZZ_CFLAGS) -c $< -o $@

build/fuzz/libcore.a: $(FUZZ_OBJS)
	rm -f $@
	ar rcs $@ $^

build/fuzz/fuzz_%: extension/test/fuzz/fuzz_%.c extension/test/fuzz/fuzz.h $(wildcard extension/test/unit/*.h) build/fuzz/libcore.a
	$(UNIT_CC) $(FUZZ_CFLAGS) -Iextension/test/unit -fsanitize=fuzzer $< build/fuzz/libcore.a -o $@ $(SHLIB_LINK)

fuzz-build: $(FUZZ_TARGETS)

.PHONY: unit unit-build fuzz-build build-contrib install-contrib
.SECONDARY:

# the inner loops of the network simplex: a tenth less time than with -O2
extension/core/auction/flow.o: CFLAGS += -O3
