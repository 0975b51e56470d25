# built-in mappings of CSV and positional files
GEN_SQL += build/gen/mappings.sql
build/gen/mappings.sql: extension/gen/gen_mappings.pl $(wildcard extension/data/mappings/*.json)
	@mkdir -p build/gen
	$(PERL) $< extension/data/mappings > $@.tmp && mv $@.tmp $@
