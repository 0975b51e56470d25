/*
 * among.c
 *		What row-level security of stores asks of each row: is its tenant among those the caller may see.
 *
 * A store says who sees what by functions that return lists: of tenants, or of tenants with a key
 * beside.  A policy with such a function in a sub-select costs its set-up in every plan of every
 * statement, and the function once for each table of it, though most rows pass the first test.  These
 * functions take the list by name and read it when a row first asks: at most once for each place in
 * a statement.  Lists of tenants are kept for the next place and the next statement as long as both see
 * the very same rows: as long as snapshot, command and subtransaction of the session are the same and
 * the roles it acts as.  Any transaction that has ended since, and any own change, makes another
 * snapshot; so what is given or taken holds for the next statement, as if nothing were kept.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/supportnodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "glue/compat.h"

PG_FUNCTION_INFO_V1(clex_tenant_among);
PG_FUNCTION_INFO_V1(clex_key_among);
PG_FUNCTION_INFO_V1(clex_number_among);
PG_FUNCTION_INFO_V1(clex_among_support);
PG_FUNCTION_INFO_V1(clex_owner_acting);
PG_FUNCTION_INFO_V1(clex_owner_running);

/* An entry of a list; key and number are empty where the list has none. */
typedef struct Entry
{
	int64 tenant;
	int64 number;
	char *key;
	int length;
} Entry;

/* A list of tenants, sorted; or of entries, sorted. */
typedef struct Among
{
	Oid function;
	uint64 count;
	int64 *tenants;
	Entry *entries;
	struct Among *next;
} Among;

/* All that decides what a statement of this session sees, and as whom. */
typedef struct Moment
{
	Oid session, role, user;
	SubTransactionId subtransaction;
	CommandId command;
	TransactionId xmin, xmax;
	uint32 running;
	int32 subrunning;
	bool suboverflowed, in_recovery;
	TransactionId *xip, *subxip;
} Moment;

/* A plan that calls a function of lists, for the rest of the session. */
typedef struct ListPlan
{
	Oid function;
	SPIPlanPtr plan;
	struct ListPlan *next;
} ListPlan;

/* Lists of tenants as of one moment of the transaction that is going on; they go with it. */
static MemoryContext kept_context = NULL;
static Moment kept_moment;
static Among *kept = NULL;

static ListPlan *list_plans = NULL;

/* The transaction is over, and all it has kept with it. */
static void
ForgetKept(void *arg)
{
	(void) arg;
	kept_context = NULL;
	kept = NULL;
}

/* What is seen now; the arrays are those of the snapshot itself.  False if there is no snapshot. */
static bool
ReadMoment(Moment *moment)
{
	Snapshot snapshot;

	if (!ActiveSnapshotSet())
		return false;
	snapshot = GetActiveSnapshot();
	if (snapshot->snapshot_type != SNAPSHOT_MVCC)
		return false;
	moment->session = GetSessionUserId();
	moment->role = GetCurrentRoleId();
	moment->user = GetUserId();
	moment->subtransaction = GetCurrentSubTransactionId();
	moment->command = snapshot->curcid;
	moment->xmin = snapshot->xmin;
	moment->xmax = snapshot->xmax;
	moment->running = snapshot->xcnt;
	moment->subrunning = snapshot->subxcnt;
	moment->suboverflowed = snapshot->suboverflowed;
	moment->in_recovery = snapshot->takenDuringRecovery;
	moment->xip = snapshot->xip;
	moment->subxip = snapshot->subxip;
	return true;
}

/* Whether two moments see the same rows as the same roles. */
static bool
SameMoment(const Moment *a, const Moment *b)
{
	return a->session == b->session && a->role == b->role && a->user == b->user &&
		   a->subtransaction == b->subtransaction && a->command == b->command &&
		   a->xmin == b->xmin && a->xmax == b->xmax && a->running == b->running &&
		   a->subrunning == b->subrunning && a->suboverflowed == b->suboverflowed &&
		   a->in_recovery == b->in_recovery &&
		   (a->running == 0 || memcmp(a->xip, b->xip, a->running * sizeof(TransactionId)) == 0) &&
		   (a->subrunning <= 0 ||
			memcmp(a->subxip, b->subxip, a->subrunning * sizeof(TransactionId)) == 0);
}

/* A copy of transaction ids in the context of what is kept. */
static TransactionId *
CopyIds(const TransactionId *ids, int64 count)
{
	TransactionId *copy;

	if (count <= 0)
		return NULL;
	copy = MemoryContextAlloc(kept_context, count * sizeof(TransactionId));
	memcpy(copy, ids, count * sizeof(TransactionId));
	return copy;
}

/* Keep lists of this moment from now on, and none of an earlier one. */
static void
BeginMoment(const Moment *moment)
{
	if (kept_context == NULL)
	{
		MemoryContext context =
			AllocSetContextCreate(TopTransactionContext, "clex lists of tenants",
								  ALLOCSET_SMALL_SIZES);
		MemoryContextCallback *callback =
			MemoryContextAllocZero(TopTransactionContext, sizeof(MemoryContextCallback));

		callback->func = ForgetKept;
		MemoryContextRegisterResetCallback(TopTransactionContext, callback);
		kept_context = context;
	}
	kept = NULL;
	MemoryContextReset(kept_context);
	kept_moment = *moment;
	kept_moment.xip = CopyIds(moment->xip, moment->running);
	kept_moment.subxip = CopyIds(moment->subxip, moment->subrunning);
}

static int
CompareTenants(const void *a, const void *b)
{
	int64 x = *(const int64 *) a, y = *(const int64 *) b;

	return (x > y) - (x < y);
}

static int
CompareEntries(const void *a, const void *b)
{
	const Entry *x = a, *y = b;
	int difference;

	if (x->tenant != y->tenant)
		return x->tenant < y->tenant ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	difference =
		Min(x->length, y->length) > 0 ? memcmp(x->key, y->key, Min(x->length, y->length)) : 0;
	return difference != 0 ? difference : (x->length > y->length) - (x->length < y->length);
}

/* The plan that calls a function without arguments for all it returns; needs SPI. */
static SPIPlanPtr
PlanOf(Oid function)
{
	ListPlan *entry;
	SPIPlanPtr plan;
	char *name, *schema, *query;

	for (entry = list_plans; entry != NULL; entry = entry->next)
		if (entry->function == function)
			return entry->plan;
	name = get_func_name(function);
	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_FUNCTION),
						errmsg("function with OID %u does not exist", function)));
	schema = get_namespace_name(get_func_namespace(function));
	query = psprintf("SELECT * FROM %s() AS listed", quote_qualified_identifier(schema, name));
	plan = SPI_prepare(query, 0, NULL);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("cannot plan \"%s\"", query),
						errdetail("%s.", SPI_result_code_string(SPI_result))));
	entry = MemoryContextAllocZero(TopMemoryContext, sizeof(ListPlan));
	entry->function = function;
	entry->plan = plan;
	entry->next = list_plans;
	list_plans = entry;
	return entry->plan;
}

/* The types a list must have are wrong. */
static void
RefuseList(Oid function)
{
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("function %s is not a list of tenants", format_procedure(function)),
			 errdetail(
				 "It must return rows of a bigint, the tenant, and what is compared beside.")));
}

/* Read what a function lists into a context; type is that of the second column, or InvalidOid. */
static Among *
ReadList(Oid function, Oid type, MemoryContext context)
{
	Among *among = MemoryContextAllocZero(context, sizeof(Among));
	TupleDesc desc;
	int64 rows;

	/* a plan into which the function was inlined would not ask */
	if (FunctionAclCheck(function, GetUserId()) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, get_func_name(function));
	if (SPI_connect() != SPI_OK_CONNECT)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("cannot connect to the server programming interface")));
	if (SPI_execute_plan(PlanOf(function), NULL, NULL, true, 0) != SPI_OK_SELECT)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("cannot call %s", format_procedure(function))));
	desc = SPI_tuptable->tupdesc;
	rows = (int64) SPI_processed;
	if (desc->natts != (OidIsValid(type) ? 2 : 1) || SPI_gettypeid(desc, 1) != INT8OID ||
		(OidIsValid(type) && SPI_gettypeid(desc, 2) != type))
		RefuseList(function);
	among->function = function;
	if (!OidIsValid(type))
		among->tenants = MemoryContextAllocHuge(context, (rows + 1) * sizeof(int64));
	else
		among->entries = MemoryContextAllocHuge(context, (rows + 1) * sizeof(Entry));
	for (int64 row = 0; row < rows; row++)
	{
		HeapTuple tuple = SPI_tuptable->vals[row];
		bool isnull, second_isnull = false;
		Datum tenant = SPI_getbinval(tuple, desc, 1, &isnull), second = 0;
		Entry *entry;

		CHECK_FOR_INTERRUPTS();
		if (OidIsValid(type))
			second = SPI_getbinval(tuple, desc, 2, &second_isnull);
		if (isnull || second_isnull)
			continue;
		if (!OidIsValid(type))
		{
			among->tenants[among->count++] = DatumGetInt64(tenant);
			continue;
		}
		entry = &among->entries[among->count++];
		memset(entry, 0, sizeof(Entry));
		entry->tenant = DatumGetInt64(tenant);
		if (type == INT8OID)
			entry->number = DatumGetInt64(second);
		else
		{
			text *key = DatumGetTextPP(second);

			entry->length = (int) VARSIZE_ANY_EXHDR(key);
			entry->key = MemoryContextAlloc(context, entry->length + 1);
			memcpy(entry->key, VARDATA_ANY(key), entry->length);
		}
	}
	if (among->tenants != NULL)
		qsort(among->tenants, among->count, sizeof(int64), CompareTenants);
	else
		qsort(among->entries, among->count, sizeof(Entry), CompareEntries);
	SPI_finish();
	return among;
}

/* The list of tenants of a function, as of this moment, in a context. */
static Among *
TenantList(Oid function, MemoryContext context)
{
	Moment moment;
	Among *among, *copy;

	if (!ReadMoment(&moment))
		return ReadList(function, InvalidOid, context);
	if (kept_context == NULL || !SameMoment(&moment, &kept_moment))
		BeginMoment(&moment);
	for (among = kept; among != NULL; among = among->next)
		if (among->function == function)
			break;
	if (among == NULL)
	{
		/* what it asks may have lists of its own: of the same moment, or of none that is kept */
		copy = ReadList(function, InvalidOid, context);
		if (kept_context == NULL || !SameMoment(&moment, &kept_moment))
			return copy;
		among = MemoryContextAlloc(kept_context, sizeof(Among));
		*among = *copy;
		among->tenants = MemoryContextAllocHuge(kept_context, (copy->count + 1) * sizeof(int64));
		memcpy(among->tenants, copy->tenants, copy->count * sizeof(int64));
		among->next = kept;
		kept = among;
		return copy;
	}
	/* another statement within this one may make it forgotten before this one ends */
	copy = MemoryContextAlloc(context, sizeof(Among));
	*copy = *among;
	copy->tenants = MemoryContextAllocHuge(context, (among->count + 1) * sizeof(int64));
	memcpy(copy->tenants, among->tenants, among->count * sizeof(int64));
	return copy;
}

/* Is a tenant among those a function lists; the list is read once for each place in a statement. */
Datum
clex_tenant_among(PG_FUNCTION_ARGS)
{
	Oid function = PG_GETARG_OID(0);
	int64 tenant = PG_GETARG_INT64(1);
	Among *among = fcinfo->flinfo->fn_extra;

	if (among == NULL || among->function != function)
		fcinfo->flinfo->fn_extra = among = TenantList(function, fcinfo->flinfo->fn_mcxt);
	PG_RETURN_BOOL(bsearch(&tenant, among->tenants, among->count, sizeof(int64), CompareTenants) !=
				   NULL);
}

/* Is an entry among those a function lists. */
static bool
EntryAmong(FunctionCallInfo fcinfo, Oid type, const Entry *entry)
{
	Oid function = PG_GETARG_OID(0);
	Among *among = fcinfo->flinfo->fn_extra;

	if (among == NULL || among->function != function)
		fcinfo->flinfo->fn_extra = among = ReadList(function, type, fcinfo->flinfo->fn_mcxt);
	return bsearch(entry, among->entries, among->count, sizeof(Entry), CompareEntries) != NULL;
}

/* Is a tenant, with a text beside, among those a function lists. */
Datum
clex_key_among(PG_FUNCTION_ARGS)
{
	text *key = PG_GETARG_TEXT_PP(2);
	Entry entry = {.tenant = PG_GETARG_INT64(1),
				   .key = VARDATA_ANY(key),
				   .length = (int) VARSIZE_ANY_EXHDR(key)};

	PG_RETURN_BOOL(EntryAmong(fcinfo, TEXTOID, &entry));
}

/* Is a tenant, with a number beside, among those a function lists. */
Datum
clex_number_among(PG_FUNCTION_ARGS)
{
	Entry entry = {.tenant = PG_GETARG_INT64(1), .number = PG_GETARG_INT64(2)};

	PG_RETURN_BOOL(EntryAmong(fcinfo, INT8OID, &entry));
}

/* Tell the planner that most rows are those of tenants the caller sees, and few those of a key. */
Datum
clex_among_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSelectivity))
	{
		SupportRequestSelectivity *selectivity = (SupportRequestSelectivity *) request;

		selectivity->selectivity = list_length(selectivity->args) == 2 ? 0.9 : 0.02;
		PG_RETURN_POINTER(selectivity);
	}
	PG_RETURN_POINTER(NULL);
}

/* The owner of a relation, InvalidOid if there is no such relation. */
static Oid
OwnerOf(Oid relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* May the caller (clex.caller()) act as the owner of a relation. */
Datum
clex_owner_acting(PG_FUNCTION_ARGS)
{
	Oid owner = OwnerOf(PG_GETARG_OID(0));
	Oid caller = OidIsValid(GetCurrentRoleId()) ? GetCurrentRoleId() : GetSessionUserId();

	if (!OidIsValid(owner))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(is_member_of_role(caller, owner));
}

/* Is it the owner of a relation itself with whose rights this runs. */
Datum
clex_owner_running(PG_FUNCTION_ARGS)
{
	Oid owner = OwnerOf(PG_GETARG_OID(0));

	if (!OidIsValid(owner))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(GetUserId() == owner);
}
