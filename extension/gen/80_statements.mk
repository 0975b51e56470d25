# bank statements: keywords of free text, paths and content models of camt messages
GEN_C += build/gen/statements_data.c
build/gen/statements_data.c: extension/gen/gen_statements.pl $(wildcard extension/data/statements/*.tsv)
	@mkdir -p build/gen
	$(PERL) $< extension/data/statements > $@.tmp && mv $@.tmp $@
