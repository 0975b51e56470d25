.DEFAULT_GOAL := all

GEN_C += build/gen/calendars_data.c
GEN_SQL += build/gen/34_calendars.sql
CALENDAR_DATA = extension/gen/gen_calendars.pl $(wildcard extension/data/calendars/*.tsv)

build/gen/calendars_data.c: $(CALENDAR_DATA) | build/gen
	$(PERL) $< c extension/data/calendars > $@.tmp && mv $@.tmp $@
build/gen/34_calendars.sql: $(CALENDAR_DATA) | build/gen
	$(PERL) $< sql extension/data/calendars > $@.tmp && mv $@.tmp $@
