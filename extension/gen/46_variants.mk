# what the names behind the colon of a format ask for
GEN_C += build/gen/variants_data.c
build/gen/variants_data.c: extension/gen/gen_variants.pl extension/data/variants.tsv
	@mkdir -p build/gen
	$(PERL) $< extension/data/variants.tsv > $@.tmp && mv $@.tmp $@
