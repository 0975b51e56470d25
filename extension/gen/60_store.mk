# Store templates: extension/store/NN_module.sql -> one C table served by clex.store_steps().
GEN_C += build/gen/store_steps.c
build/gen/store_steps.c: extension/gen/gen_store.pl $(wildcard extension/store/*.sql) | build/gen
	$(PERL) $< $(sort $(wildcard extension/store/*.sql)) > $@.tmp && mv $@.tmp $@
