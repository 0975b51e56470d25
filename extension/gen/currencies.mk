GEN_C += build/gen/currencies_data.c
GEN_SQL += build/gen/34_currencies.sql
CURRENCY_DATA = extension/gen/gen_currencies.pl extension/data/currencies/iso4217.tsv

build/gen/currencies_data.c: $(CURRENCY_DATA) | build/gen
	$(PERL) $< c extension/data/currencies/iso4217.tsv > $@.tmp && mv $@.tmp $@
build/gen/34_currencies.sql: $(CURRENCY_DATA) | build/gen
	$(PERL) $< sql extension/data/currencies/iso4217.tsv > $@.tmp && mv $@.tmp $@
