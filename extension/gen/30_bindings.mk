# where terms stand in each syntax, and how documents are recognised
GEN_H += build/gen/bindings_data.h
GEN_C += build/gen/bindings_data.c
build/gen/bindings_data.h: extension/gen/gen_bindings.pl extension/gen/plan_tables.pl build/gen/names_data.h extension/data/terms.tsv extension/data/formats.tsv \
		$(wildcard extension/data/bindings/*.tsv extension/data/schemas/*.tsv)
	@mkdir -p build/gen
	$(PERL) $< build/gen/bindings_data.h build/gen/bindings_data.c build/gen/names_data.h extension/data
build/gen/bindings_data.c: build/gen/bindings_data.h
