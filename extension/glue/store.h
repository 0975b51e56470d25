/*
 * store.h
 *		The templates a store is made of, compiled from extension/store.
 */
#ifndef CLEX_GLUE_STORE_H
#define CLEX_GLUE_STORE_H

typedef struct StoreStep
{
	const char *module;	  /* "base", "documents" ...; NULL ends the table */
	const char *requires; /* modules that come first, separated by blanks */
	int step;			  /* 1, 2, 3 ... run once; 0 = code, run at every upgrade */
	const char *title;
	const char *script; /* with @store@ where the schema's name goes */
} StoreStep;

extern const StoreStep ClexStoreSteps[];

#endif
