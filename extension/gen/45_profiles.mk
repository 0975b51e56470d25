# which rule sets a document's profile asks for
GEN_C += build/gen/profiles_data.c
PROFILE_FACTS = extension/data/profiles.tsv $(sort $(wildcard extension/data/rules/*.rules))
build/gen/profiles_data.c: extension/gen/gen_profiles.pl $(PROFILE_FACTS)
	@mkdir -p build/gen
	$(PERL) $< $(PROFILE_FACTS) > $@.tmp && mv $@.tmp $@
