# content models, attributes and simple types of the XML schemas
GEN_C += build/gen/structure_data.c
build/gen/structure_data.c: extension/gen/gen_structure.pl $(wildcard extension/data/schemas/*.tsv)
	@mkdir -p build/gen
	$(PERL) $< extension/data/schemas > $@.tmp && mv $@.tmp $@
