GEN_C += build/gen/finance_data.c
GEN_SQL += build/gen/35_finance.sql
FINANCE_DATA = extension/gen/gen_finance.pl $(wildcard extension/data/terms/*.tsv extension/data/rates/*.tsv extension/data/daycounts/*.tsv)

build/gen/finance_data.c: $(FINANCE_DATA) | build/gen
	$(PERL) $< c extension/data > $@.tmp && mv $@.tmp $@
build/gen/35_finance.sql: $(FINANCE_DATA) | build/gen
	$(PERL) $< sql extension/data > $@.tmp && mv $@.tmp $@
