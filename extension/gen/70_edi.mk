# EDIFACT and X12: character sets, structures of messages, bindings
GEN_C += build/gen/edi_charsets_data.c
build/gen/edi_charsets_data.c: extension/gen/gen_edi_charsets.pl extension/data/edi/charsets.tsv | build/gen
	$(PERL) $^ > $@.tmp && mv $@.tmp $@
