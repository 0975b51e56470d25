# forms and check digits of identifiers
GEN_C += build/gen/identifiers_data.c
build/gen/identifiers_data.c: extension/gen/gen_identifiers.pl $(wildcard extension/data/identifiers/*.tsv) | build/gen
	$(PERL) $< extension/data/identifiers > $@.tmp && mv $@.tmp $@
