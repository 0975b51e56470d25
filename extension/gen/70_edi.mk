# EDIFACT and X12: character sets, structures of messages, bindings
GEN_C += build/gen/edi_charsets_data.c
build/gen/edi_charsets_data.c: extension/gen/gen_edi_charsets.pl extension/data/edi/charsets.tsv | build/gen
	$(PERL) $^ > $@.tmp && mv $@.tmp $@

EDI_STRUCTURES = extension/gen/gen_edi_structures.pl $(wildcard extension/data/edi/*.tsv)
GEN_C += build/gen/edi_structures_data.c
GEN_H += build/gen/edi_faults.h
build/gen/edi_structures_data.c: $(EDI_STRUCTURES) | build/gen
	$(PERL) $< c extension/data/edi > $@.tmp && mv $@.tmp $@
build/gen/edi_faults.h: $(EDI_STRUCTURES) | build/gen
	$(PERL) $< h extension/data/edi > $@.tmp && mv $@.tmp $@

GEN_C += build/gen/edi_bindings_data.c
build/gen/edi_bindings_data.c: extension/gen/gen_edi_bindings.pl $(wildcard extension/data/edi/*.tsv) extension/data/terms.tsv | build/gen
	$(PERL) $< extension/data/edi extension/data/terms.tsv > $@.tmp && mv $@.tmp $@
