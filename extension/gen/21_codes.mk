# code lists
GEN_C += build/gen/codes_data.c
build/gen/codes_data.c: extension/gen/gen_codes.pl $(wildcard extension/data/codelists/*.tsv) | build/gen
	$(PERL) $< $@ extension/data/codelists
