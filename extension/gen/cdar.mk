# elements of lifecycle messages, both ways
GEN_C += build/gen/cdar_data.c
build/gen/cdar_data.c: extension/gen/gen_cdar.pl extension/data/cdar/elements.tsv build/gen/names_data.h
	@mkdir -p build/gen
	$(PERL) $< extension/data/cdar/elements.tsv > $@.tmp && mv $@.tmp $@
