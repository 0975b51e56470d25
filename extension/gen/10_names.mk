# interned names of elements and attributes
GEN_H += build/gen/names_data.h
GEN_C += build/gen/names_data.c
NAMES_FACTS = $(wildcard extension/data/namespaces.tsv extension/data/schemas/*.tsv extension/data/bindings/*.tsv extension/data/rules/*.rules extension/data/rules/*.part)
build/gen/names_data.h: extension/gen/gen_names.pl $(NAMES_FACTS)
	@mkdir -p build/gen
	$(PERL) $< build/gen/names_data.h build/gen/names_data.c extension/data
build/gen/names_data.c: build/gen/names_data.h
