# Lifecycles of invoices: extension/data/lifecycles -> views of clex that stores take them from.
GEN_SQL += build/gen/37_lifecycles.sql
build/gen/37_lifecycles.sql: extension/gen/gen_lifecycles.pl $(wildcard extension/data/lifecycles/*.tsv) | build/gen
	$(PERL) $< sql extension/data/lifecycles > $@.tmp && mv $@.tmp $@
