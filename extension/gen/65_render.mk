# labels, words, codes, layout and style of rendered pages
GEN_H += build/gen/render_data.h
GEN_C += build/gen/render_data.c
build/gen/render_data.h: extension/gen/gen_render.pl extension/data/terms.tsv $(wildcard extension/data/render/*) | build/gen
	$(PERL) $< build/gen/render_data.h build/gen/render_data.c extension/data
build/gen/render_data.c: build/gen/render_data.h
