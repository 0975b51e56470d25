# what segments of IDocs are called in flat files
GEN_C += build/gen/idoc_data.c
build/gen/idoc_data.c: extension/gen/gen_idoc.pl $(wildcard extension/data/idoc/*.tsv) build/gen/names_data.h | build/gen
	$(PERL) $< extension/data/idoc > $@.tmp && mv $@.tmp $@
