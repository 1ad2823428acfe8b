/* SPDX-License-Identifier: Apache-2.0 */
/* One complaint: its steps, each with its place in the log, its proofs and receipts. */
#include <string.h>

#include "pt-api.h"
#include "pt-encoding.h"
#include "pt-json.h"
#include "pt-store-complaints.h"

#define STEPS_MAX 1000 /* of one answer */

/* Steps as the store has them, copied: what is said of them is looked up after the scan. */
typedef struct
{
  guint64 entry;
  gint64 n;
  PtHash leaf;
  guint8 signer[PT_PUBLIC_KEY_SIZE];
  PtEvidence evidence;
  PtAftermath later;
  GBytes *receipt; /* or NULL */
  GBytes *body;
} Step;

static void
step_clear (gpointer data)
{
  Step *step = data;

  g_clear_pointer (&step->receipt, g_bytes_unref);
  g_clear_pointer (&step->body, g_bytes_unref);
}

/* A PtSaidRowFunc. */
static gboolean
add_step (const PtSaidRow *row, gpointer steps, GError **error)
{
  Step step = { .entry = row->entry,
                .n = row->n,
                .leaf = row->leaf,
                .evidence = row->evidence,
                .later = row->later,
                .body = g_bytes_ref (row->body) };

  memcpy (step.signer, row->signer, sizeof step.signer);
  if (row->receipt != NULL)
    step.receipt = g_bytes_ref (row->receipt);
  g_array_append_val (steps, step);
  return TRUE;
}

/* @count of them at most from @from on; NULL: the store does not say. */
static GArray *
read_steps (const PtReads *reads, const PtComplaintRow *row, gint64 from, guint count,
            GError **error)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (Step));

  g_array_set_clear_func (steps, step_clear);
  if (!pt_store_scan_chain (reads->store, row->area_number, PT_SAID_ACTION, row->complaint, from,
                            count, add_step, steps, error))
    return NULL;
  return g_steal_pointer (&steps);
}

/* As many as the row knows of: the store may have one more by now. */
static guint
steps_of (const PtComplaintRow *row, gint64 from)
{
  return (guint) CLAMP (row->n - from + 1, 0, STEPS_MAX);
}

/* Writing a step */

static char *
text_of (PtSpan escaped)
{
  char *text = g_malloc (escaped.size + 1);
  gsize size = 0;

  if (pt_json_unescape (escaped, text, escaped.size, &size) != PT_OK)
    size = 0;
  text[size] = '\0';
  return text;
}

static void
write_span (PtJsonText *json, const char *name, PtSpan span)
{
  g_autofree char *text = text_of (span);

  if (span.size > 0)
    pt_json_text_string (json, name, text);
}

/* The office as it is registered now. */
static void
write_official (PtJsonText *json, const PtReads *reads, const PtComplaintRow *row, PtSpan by)
{
  PtDirectory *directory = reads->directory;
  PtOfficial *official;

  pt_door_begin_read (&directory->door);
  official = pt_registry_official (pt_registry_area_at (directory->registry, row->area_number), by);
  if (official != NULL)
    {
      write_span (json, "name", pt_span (official->name, strlen (official->name)));
      pt_json_text_string (json, "role", pt_role_name ((PtRole) official->role));
    }
  pt_door_end_read (&directory->door);
}

static void
write_said (PtJsonText *json, const PtEntry *entry)
{
  write_span (json, "note", entry->note);
  if (entry->has_note_hash)
    pt_json_text_hex (json, "note_hash", &entry->note_hash, PT_HASH_SIZE);
  if (entry->has_photo_hash)
    pt_json_text_hex (json, "photo_hash", &entry->photo_hash, PT_HASH_SIZE);
  write_span (json, "to", entry->to);
  write_span (json, "of", entry->of);
  write_span (json, "category", entry->category);
}

/* Who asks for what, of which complaint. */
typedef struct
{
  const PtApiComplaints *api;
  const PtComplaintRow *row;
  gpointer shown;  /* what is private; NULL: nothing */
  gint64 resolve;  /* n of the newest resolve; 0: none among the steps */
  gint64 held_min; /* how long a resolve has to hold */
} Showing;

/* The store keeps PENDING of whatever did not fall again. Of the newest resolve the book knows
 * better; an older one held when the complaint went on that much later. */
static PtAftermath
later_of (const Showing *showing, const Step *step, gint64 received)
{
  if (step->n == showing->resolve)
    return showing->row->later;
  return step->later == PT_AFTERMATH_PENDING
                 && (showing->row->changed_at - received) / 60000 >= showing->held_min
             ? PT_AFTERMATH_HELD
             : step->later;
}

static void
write_evidence (PtJsonText *json, const Showing *showing, const Step *step, gint64 received)
{
  PtAftermath later = later_of (showing, step, received);

  if (step->evidence == PT_EVIDENCE_NONE)
    return;
  pt_json_text_string (json, "evidence", pt_evidence_name (step->evidence));
  if (later != PT_AFTERMATH_NONE)
    pt_json_text_string (json, "later", pt_aftermath_name (later));
}

/* Where in the log it is, once it is sealed. */
static gboolean
write_place (PtJsonText *json, const PtReads *reads, const PtComplaintRow *row, const Step *step,
             GError **error)
{
  PtEntryPlace place;
  PtBatchRow batch;

  if (!pt_archive_find (reads->archive, row->area_number, pt_subject_area (row->area_number),
                        (gint64) step->entry, &place))
    return TRUE;
  if (!pt_archive_batch (reads->archive, row->area_number, place.batch, &batch, error))
    return FALSE;
  pt_json_text_integer (json, "index", (gint64) batch.prev_size + place.leaf);
  pt_json_text_integer (json, "batch", place.batch);
  pt_json_text_string (json, "batch_state", pt_batch_state_name (batch.state));
  if (batch.block != 0)
    pt_json_text_integer (json, "block", (gint64) batch.block);
  return TRUE;
}

static gboolean
write_step (PtJsonText *json, const Showing *showing, const Step *step, GError **error)
{
  const PtComplaintRow *row = showing->row;
  g_autofree char *body = NULL;
  PtEntry entry;
  gsize size;

  body = g_strndup (g_bytes_get_data (step->body, &size), g_bytes_get_size (step->body));
  if (pt_entry_parse (pt_span (body, size), PT_ENTRY_STORED, &entry) != PT_OK)
    {
      g_set_error (error, PT_ERROR, PT_ERROR_STOP,
                   "What is stored of complaint %s of %s can't be read.", row->complaint,
                   row->area);
      return FALSE;
    }
  pt_json_text_begin_object (json, NULL);
  pt_json_text_integer (json, "n", step->n);
  pt_json_text_string (json, "action", pt_action_name (entry.action));
  write_span (json, "by", entry.by);
  if (pt_entry_signer (&entry) == PT_SIGNER_OFFICIAL)
    write_official (json, showing->api->reads, row, entry.by);
  pt_json_text_base64url (json, "key", step->signer, PT_PUBLIC_KEY_SIZE);
  pt_json_text_integer (json, "received", entry.received);
  pt_json_text_integer (json, "ts", entry.ts);
  write_said (json, &entry);
  write_evidence (json, showing, step, entry.received);
  if (!write_place (json, showing->api->reads, row, step, error))
    return FALSE;
  pt_json_text_hex (json, "leaf", &step->leaf, PT_HASH_SIZE);
  pt_json_text_string (json, "entry", body);
  if (showing->shown != NULL)
    showing->api->privates->write (json, step->n, showing->shown);
  pt_json_text_end_object (json);
  return TRUE;
}

/* The newest that was judged by devices. */
static gint64
newest_resolve (GArray *steps)
{
  for (guint i = steps->len; i > 0; i--)
    if (g_array_index (steps, Step, i - 1).evidence != PT_EVIDENCE_NONE)
      return g_array_index (steps, Step, i - 1).n;
  return 0;
}

static gint64
held_min (const PtReads *reads, const PtComplaintRow *row)
{
  PtDirectory *directory = reads->directory;
  const PtComplaintFacts *facts;
  gint64 minutes;

  pt_door_begin_read (&directory->door);
  facts = pt_promises_complaint (
      pt_registry_area_at (directory->registry, row->area_number)->promises,
      pt_span (row->complaint, strlen (row->complaint)));
  minutes = facts != NULL ? facts->terms.held_min : 0;
  pt_door_end_read (&directory->door);
  return minutes;
}

static gboolean
has_more (const PtComplaintRow *row, GArray *steps)
{
  return steps->len > 0 && g_array_index (steps, Step, steps->len - 1).n < row->n;
}

/* @request: who asked, or NULL. */
static char *
next_steps (const PtComplaintRow *row, GArray *steps, PtRequest *request)
{
  static const char *const filters[] = { "hidden", NULL };
  GString *next = g_string_new (NULL);

  g_string_printf (next, "/api/v1/complaints/%s/%s?from=%" G_GINT64_FORMAT, row->area,
                   row->complaint, g_array_index (steps, Step, steps->len - 1).n + 1);
  if (request != NULL)
    pt_request_keep (request, filters, next);
  return g_string_free (next, FALSE);
}

static gboolean
write_chain (PtJsonText *json, Showing *showing, GArray *steps, PtRequest *request, GError **error)
{
  const PtPrivateView *privates = showing->api->privates;
  gboolean written = TRUE;

  if (request != NULL && privates != NULL && steps->len > 0
      && !privates->read (request, showing->row, g_array_index (steps, Step, 0).n,
                          g_array_index (steps, Step, steps->len - 1).n, privates->user_data,
                          &showing->shown, error))
    return FALSE;
  pt_json_text_begin_array (json, "chain");
  for (guint i = 0; written && i < steps->len; i++)
    written = write_step (json, showing, &g_array_index (steps, Step, i), error);
  pt_json_text_end_array (json);
  if (showing->shown != NULL)
    privates->free (showing->shown);
  return written;
}

gboolean
pt_api_write_complaint (PtJsonText *json, const char *name, const PtApiComplaints *api,
                        const PtComplaintRow *row, gint64 from, PtRequest *request, GError **error)
{
  Showing showing = { .api = api, .row = row };
  g_autoptr (GArray) steps = NULL;
  g_autofree char *next = NULL;

  g_return_val_if_fail (json != NULL && api != NULL && row != NULL, FALSE);

  steps = read_steps (api->reads, row, from, steps_of (row, from), error);
  if (steps == NULL)
    return FALSE;
  next = has_more (row, steps) ? next_steps (row, steps, request) : NULL;
  showing.held_min = held_min (api->reads, row);
  showing.resolve = next == NULL ? newest_resolve (steps) : 0;
  pt_json_text_begin_object (json, name);
  pt_api_write_complaint_members (json, row);
  if (!write_chain (json, &showing, steps, request, error))
    return FALSE;
  if (next != NULL)
    pt_json_text_string (json, "next", next);
  if (row->site != NULL && row->outage_since != 0
      && !pt_api_write_open_outage (json, "outage", api->sites, (gint32) row->area_number,
                                    row->site, error))
    return FALSE;
  pt_json_text_end_object (json);
  return TRUE;
}

/* Addresses */

static gboolean
no_complaint (guint count, GError **error)
{
  g_set_error_literal (error, PT_ERROR, count == 0 ? PT_ERROR_NOT_FOUND : PT_ERROR_CONFLICT,
                       count == 0 ? "There is no complaint of this number."
                                  : "Several areas have a complaint of this number. Ask for "
                                    "/api/v1/complaints/AREA/NUMBER.");
  return FALSE;
}

/* As it is written, or as a number that was typed with spaces or dashes. */
static gboolean
find_complaint (const PtReads *reads, gint32 area, const char *id, PtComplaintRow *row,
                GError **error)
{
  g_autofree char *digits = NULL;
  guint count = pt_complaint_book_find (reads->book, area, id, row);

  if (count == 0 && strspn (id, "0123456789- ") == strlen (id))
    {
      g_auto (GStrv) parts = g_strsplit_set (id, "- ", -1);

      digits = g_strjoinv (NULL, parts);
      count = pt_complaint_book_find (reads->book, area, digits, row);
    }
  return count == 1 || no_complaint (count, error);
}

static gboolean
find_area (const PtReads *reads, const char *id, gint32 *number, GError **error)
{
  PtDirectory *directory = reads->directory;
  PtArea *area;

  pt_door_begin_read (&directory->door);
  area = pt_registry_area (directory->registry, pt_span (id, strlen (id)));
  pt_door_end_read (&directory->door);
  if (area == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_UNKNOWN_AREA,
                           "There is no area of this name. /api/v1/areas lists them.");
      return FALSE;
    }
  *number = (gint32) area->number;
  return TRUE;
}

static gboolean
find_asked (PtRequest *request, const PtReads *reads, PtComplaintRow *row, GError **error)
{
  gint32 area;

  return find_area (reads, request->parts[0], &area, error)
         && find_complaint (reads, area, request->parts[1], row, error);
}

static gboolean
answer_row (PtRequest *request, const PtApiComplaints *api, const PtComplaintRow *row,
            GError **error)
{
  g_autoptr (PtJsonText) json = pt_json_text_new ();
  gint64 from;

  if (!pt_request_integer (request, "from", 1, PT_INTEGER_MAX, 1, &from, error)
      || !pt_api_write_complaint (json, NULL, api, row, from, request, error))
    return FALSE;
  /* With another's session it is another answer. */
  pt_request_add_header (request, "Vary", "Authorization");
  request->cache_control = "no-cache";
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

static gboolean
answer_complaint (PtRequest *request, gpointer context, GError **error)
{
  const PtApiComplaints *api = context;
  PtComplaintRow row;

  return find_asked (request, api->reads, &row, error) && answer_row (request, api, &row, error);
}

/* A number is said without its area. */
static gboolean
answer_number (PtRequest *request, gpointer context, GError **error)
{
  const PtApiComplaints *api = context;
  PtComplaintRow row;

  return find_complaint (api->reads, -1, request->parts[0], &row, error)
         && answer_row (request, api, &row, error);
}

/* Proofs */

static GBytes *
prove (const PtApiComplaints *api, const PtComplaintRow *row, const Step *step, GError **error)
{
  return pt_archive_proof (api->reads->archive, api->chain, row->area_number,
                           pt_subject_area (row->area_number), (gint64) step->entry, error);
}

static gboolean
is_waiting (const GError *error)
{
  return g_error_matches (error, PT_ERROR, PT_ERROR_NOT_FOUND)
         || g_error_matches (error, PT_ERROR, PT_ERROR_NOT_ANCHORED);
}

static gboolean
refuse_waiting (GError **error)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_ANCHORED,
                       "It is in no batch that is anchored yet. Try again after its window has "
                       "ended.");
  return FALSE;
}

/* The one step @n, or NULL. */
static GArray *
read_step (const PtReads *reads, const PtComplaintRow *row, gint64 n, GError **error)
{
  g_autoptr (GArray) steps = read_steps (reads, row, n, 1, error);

  if (steps == NULL)
    return NULL;
  if (steps->len == 1 && g_array_index (steps, Step, 0).n == n)
    return g_steal_pointer (&steps);
  g_set_error (error, PT_ERROR, PT_ERROR_NOT_FOUND, "The complaint has %" G_GINT64_FORMAT " steps.",
               row->n);
  return NULL;
}

static gboolean
answer_one_proof (PtRequest *request, const PtApiComplaints *api, const PtComplaintRow *row,
                  gint64 n, GError **error)
{
  g_autoptr (GArray) steps = read_step (api->reads, row, n, error);
  g_autoptr (GError) local = NULL;

  if (steps == NULL)
    return FALSE;
  request->body = prove (api, row, &g_array_index (steps, Step, 0), &local);
  request->status = SOUP_STATUS_OK;
  request->content_type = "application/json";
  if (is_waiting (local))
    return refuse_waiting (error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return request->body != NULL;
}

/* The bundles of all that is anchored; in @waiting the n of the others. FALSE: one of them can't be
 * told. */
static gboolean
write_proofs (PtJsonText *json, const PtApiComplaints *api, const PtComplaintRow *row,
              GArray *steps, GArray *waiting, GError **error)
{
  for (guint i = 0; i < steps->len; i++)
    {
      const Step *step = &g_array_index (steps, Step, i);
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bundle = prove (api, row, step, &local);

      if (bundle != NULL)
        pt_json_text_raw (json, NULL, g_bytes_get_data (bundle, NULL), g_bytes_get_size (bundle));
      else if (is_waiting (local))
        g_array_append_val (waiting, step->n);
      else
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
answer_all_proofs (PtRequest *request, const PtApiComplaints *api, const PtComplaintRow *row,
                   gint64 from, GError **error)
{
  g_autoptr (GArray) steps = read_steps (api->reads, row, from, steps_of (row, from), error);
  g_autoptr (GArray) waiting = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (PtJsonText) json = pt_json_text_new ();

  if (steps == NULL)
    return FALSE;
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", row->area);
  pt_json_text_string (json, "complaint", row->complaint);
  pt_json_text_string (json, "format", "powertrack-complaint-proof-1");
  pt_json_text_begin_array (json, "proofs");
  if (!write_proofs (json, api, row, steps, waiting, error))
    return FALSE;
  pt_json_text_end_array (json);
  pt_json_text_begin_array (json, "waiting");
  for (guint i = 0; i < waiting->len; i++)
    pt_json_text_integer (json, NULL, g_array_index (waiting, gint64, i));
  pt_json_text_end_array (json);
  if (has_more (row, steps))
    pt_json_text_integer (json, "next_from", g_array_index (steps, Step, steps->len - 1).n + 1);
  pt_json_text_end_object (json);
  if (waiting->len == steps->len)
    return refuse_waiting (error);
  pt_request_take_json (request, g_steal_pointer (&json));
  return TRUE;
}

static gboolean
answer_proof (PtRequest *request, gpointer context, GError **error)
{
  const PtApiComplaints *api = context;
  PtComplaintRow row;
  gint64 n, from;

  if (!find_asked (request, api->reads, &row, error)
      || !pt_request_integer (request, "n", 1, PT_INTEGER_MAX, 0, &n, error)
      || !pt_request_integer (request, "from", 1, PT_INTEGER_MAX, 1, &from, error))
    return FALSE;
  return n != 0 ? answer_one_proof (request, api, &row, n, error)
                : answer_all_proofs (request, api, &row, from, error);
}

static gboolean
answer_receipt (PtRequest *request, gpointer context, GError **error)
{
  const PtApiComplaints *api = context;
  g_autoptr (GArray) steps = NULL;
  PtComplaintRow row;
  const Step *step;
  gint64 n;

  if (!find_asked (request, api->reads, &row, error)
      || !pt_request_integer (request, "n", 1, PT_INTEGER_MAX, 1, &n, error))
    return FALSE;
  steps = read_step (api->reads, &row, n, error);
  if (steps == NULL)
    return FALSE;
  step = &g_array_index (steps, Step, 0);
  if (step->receipt == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_NOT_FOUND,
                           "No receipt is kept of this step: it was read back from the batches.");
      return FALSE;
    }
  request->status = SOUP_STATUS_OK;
  request->content_type = "application/json";
  request->body = g_bytes_ref (step->receipt);
  return TRUE;
}

const PtRoute pt_api_complaint_routes[] = {
  { "GET", "/api/v1/complaints/*/*/proof", answer_proof, PT_RUNS_ON_PROVER, .open = TRUE },
  { "GET", "/api/v1/complaints/*/*/receipt", answer_receipt, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/complaints/*/*", answer_complaint, PT_RUNS_ON_READER, .open = TRUE },
  { "GET", "/api/v1/complaints/*", answer_number, PT_RUNS_ON_READER, .open = TRUE },
  { NULL },
};
