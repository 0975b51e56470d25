# the dictionary of business terms
GEN_H += build/gen/terms_data.h
GEN_C += build/gen/terms_data.c
build/gen/terms_data.h: extension/gen/gen_terms.pl extension/data/terms.tsv extension/data/term_aliases.tsv \
		$(wildcard extension/data/bindings/*.tsv)
	@mkdir -p build/gen
	$(PERL) $< build/gen/terms_data.h build/gen/terms_data.c extension/data
build/gen/terms_data.c: build/gen/terms_data.h
