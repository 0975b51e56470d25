# rule sets and their messages
GEN_C += build/gen/rules_data.c
RULE_FACTS = $(sort $(wildcard extension/data/rules/*.rules extension/data/messages/*.messages))
build/gen/rules_data.c: extension/gen/gen_rules.pl $(RULE_FACTS) $(wildcard extension/data/rules/*.part)
	@mkdir -p build/gen
	$(PERL) $< $(RULE_FACTS) > $@.tmp && mv $@.tmp $@
