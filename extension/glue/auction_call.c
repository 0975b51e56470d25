/*
 * auction_call.c
 *		One call of an auction function: its memory, its options, and what it says while it works.
 *
 * Everything of a call lives in one memory context under the option's limit; the core's interrupt
 * probe is also where long clearings get their progress messages from.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "glue/auction_read.h"
#include "glue/compat.h"
#include "glue/report.h"

#define MEGABYTE (1024 * 1024)
#define NOTICE_MS 5000

/* The largest values of options: a year, more nodes than a year has time for, a hundred times a hundred. */
#define MOST_MS INT64CONST(31536000000)
#define MOST_NODES INT64CONST(1000000000000)
#define MOST_WORK 10000
#define MOST_MEGABYTES 16777216

/* What is being done, and how far it has come where that is known; raw units. */
static void
SayProgress(const AuctionCall *call, int seconds)
{
	const Auction *auction = &call->auction;
	const char *phase = auction->phase ? auction->phase : "reading";

	if (auction->reached > 0 && auction->reached < HUGE_VAL && auction->proved > 0)
		ereport(NOTICE,
				(errmsg("clearing the auction: %s, objective %.0f, bound %.0f, gap %.4f %%, "
						"%d s so far",
						phase, auction->reached, auction->proved,
						100 * (auction->reached - auction->proved) / auction->reached, seconds)));
	else
		ereport(NOTICE, (errmsg("clearing the auction: %s, %d s so far", phase, seconds)));
}

/* The core's interrupt probe: says something now and then when a clearing takes long. */
static bool
ProbeCall(void *context)
{
	AuctionCall *call = context;
	TimestampTz now;

	if (InterruptPending && (QueryCancelPending || ProcDiePending))
		return true;
	now = GetCurrentTimestamp();
	if (TimestampDifferenceExceeds(call->noticed, now, NOTICE_MS))
	{
		call->noticed = now;
		SayProgress(call, (int) ((now - call->started) / USECS_PER_SEC));
	}
	return false;
}

static void *
CallAlloc(void *context, size_t size)
{
	return MemoryContextAllocExtended(((AuctionCall *) context)->context, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
CallRelease(void *context, void *pointer)
{
	(void) context;
	pfree(pointer);
}

/* A number of an option, from 1 to what the core can still multiply. */
static int64
OptionNumber(const char *name, JsonbValue *value, int64 high)
{
	Datum number, bounded;

	if (value->type != jbvNumeric)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("auction option \"%s\" is not a number", name)));
	number = NumericGetDatum(value->val.numeric);
	bounded = DirectFunctionCall2(
		numeric_larger, DirectFunctionCall1(int8_numeric, Int64GetDatum(1)),
		DirectFunctionCall2(numeric_smaller, number,
							DirectFunctionCall1(int8_numeric, Int64GetDatum(high))));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, number, bounded)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("auction option \"%s\" is not between 1 and " INT64_FORMAT, name, high)));
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, number));
}

static bool
OptionBool(const char *name, JsonbValue *value)
{
	if (value->type != jbvBool)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("auction option \"%s\" is not true or false", name)));
	return value->val.boolean;
}

/* Which of two words an option has: true for the second. */
static bool
OptionWord(const char *name, JsonbValue *value, const char *first, const char *second)
{
	if (value->type == jbvString)
	{
		char *word = pnstrdup(value->val.string.val, value->val.string.len);

		if (strcmp(word, first) == 0 || strcmp(word, second) == 0)
			return strcmp(word, second) == 0;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("auction option \"%s\" is neither \"%s\" nor \"%s\"", name, first, second)));
	pg_unreachable();
}

static void
SetOption(AuctionCall *call, const char *name, JsonbValue *value, int64 *memory)
{
	AuctionOptions *o = &call->options;

	if (strcmp(name, "mode") == 0)
		o->volume = OptionWord(name, value, "surplus", "volume");
	else if (strcmp(name, "pricing") == 0)
		o->uniform = OptionWord(name, value, "pay-as-bid", "uniform");
	else if (strcmp(name, "divisible") == 0)
		o->divisible = OptionBool(name, value);
	else if (strcmp(name, "lots") == 0)
		o->lots = OptionBool(name, value);
	else if (strcmp(name, "pro_rata") == 0)
		o->pro_rata = OptionBool(name, value);
	else if (strcmp(name, "time_budget_ms") == 0)
		o->time_budget_ms = OptionNumber(name, value, MOST_MS);
	else if (strcmp(name, "node_budget") == 0)
		o->node_budget = OptionNumber(name, value, MOST_NODES);
	else if (strcmp(name, "work_budget") == 0)
		o->work_budget = OptionNumber(name, value, MOST_WORK);
	else if (strcmp(name, "memory_limit") == 0)
		*memory = OptionNumber(name, value, MOST_MEGABYTES);
	else if (strcmp(name, "prices") == 0)
	{
		if (value->type != jbvString)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("auction option \"prices\" is not the text of a query")));
		call->prices_query = pnstrdup(value->val.string.val, value->val.string.len);
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown auction option \"%s\"", name),
				 errhint("Options are mode, divisible, lots, pricing, pro_rata, time_budget_ms, "
						 "node_budget, work_budget, memory_limit (megabytes) and prices.")));
}

AuctionCall *
AuctionCallBegin(FunctionCallInfo fcinfo, int options_argument)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "clex auction", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	AuctionCall *call = palloc0(sizeof(AuctionCall));
	ClexEnv *env = palloc0(sizeof(ClexEnv));
	Jsonb *options = PG_GETARG_JSONB_P(options_argument);
	int64 memory = 1024;
	JsonbIterator *it = JsonbIteratorInit(&options->root);
	JsonbValue key, value;

	call->context = context;
	call->started = call->noticed = GetCurrentTimestamp();
	call->options.lots = true;
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the options of an auction are not a JSON object")));
	for (JsonbIteratorToken token = JsonbIteratorNext(&it, &key, true); token != WJB_DONE;
		 token = JsonbIteratorNext(&it, &key, true))
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);
		SetOption(call, pnstrdup(key.val.string.val, key.val.string.len), &value, &memory);
	}
	if (call->options.pro_rata && !call->options.divisible)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("auction option \"pro_rata\" needs divisible invoices"),
				 errhint("Set the option \"divisible\" to true, or leave out \"pro_rata\".")));
	*env = (ClexEnv){
		.alloc = CallAlloc, .release = CallRelease, .interrupted = ProbeCall, .context = call};
	ArenaInit(&call->arena, env, (size_t) memory * MEGABYTE);
	AuctionInit(&call->auction, &call->arena, &call->options);
	MemoryContextSwitchTo(old);
	return call;
}

void
AuctionCallEnd(AuctionCall *call)
{
	MemoryContextDelete(call->context);
}
