# bank statements and payments: keywords of free text, paths and content models of camt and pain messages
GEN_C += build/gen/statements_data.c
GEN_H += build/gen/payment_texts.h
build/gen/payment_texts.h: extension/gen/gen_statements.pl $(wildcard extension/data/statements/*.tsv extension/data/payments/*.tsv)
	@mkdir -p build/gen
	$(PERL) $< extension/data build/gen/statements_data.c $@
build/gen/statements_data.c: build/gen/payment_texts.h
