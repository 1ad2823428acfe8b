/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-est-http.h"

#include <string.h>

#include "pt-answer.h"
#include "pt-client.h"
#include "pt-connection.h"
#include "pt-error.h"
#include "pt-est-body.h"
#include "pt-form.h"

#define QUEUE_MAX 64
#define FORM_MAX 1024
#define HOURS_MAX 720
#define HOUR_MS (G_GINT64_CONSTANT (3600) * 1000)
#define PKCS7 "application/pkcs7-mime"
#define CERTS_ONLY PKCS7 "; smime-type=certs-only"
#define REALM "Basic realm=\"powertrack\", charset=\"UTF-8\""

struct _PtEstHttp
{
  PtEst *est;        /* NULL: no certificates are given */
  GThread *thread;   /* and NULL likewise */
  GAsyncQueue *jobs; /* of Job; or NULL */
  gint under_way;    /* atomic */
  gboolean is_closed;
};

typedef struct _Job Job;

/* On the thread, but for its beginning. */
struct _Job
{
  PtRequest *request;                                     /* NULL: nobody's */
  gboolean (*run) (Job *job, PtEst *est, GError **error); /* NULL: the thread is to end */
  char area[PT_AREA_MAX + 1], device[PT_ID_MAX + 1];
  char *password, *who, *address;
  guint8 key[PT_PUBLIC_KEY_SIZE];
  gint64 hours;
  guint wait; /* s */
};

static void
job_free (Job *job)
{
  if (job->password != NULL)
    explicit_bzero (job->password, strlen (job->password));
  g_free (job->password);
  g_free (job->who);
  g_free (job->address);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static gboolean
refuse (PtErrorCode code, const char *sentence, GError **error)
{
  g_set_error_literal (error, PT_ERROR, (gint) code, sentence);
  return FALSE;
}

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

/* The thread */

static void
job_answer (Job *job, PtEstHttp *http)
{
  PtRequest *request = job->request;
  g_autoptr (GError) error = NULL;

  job->run (job, http->est, &error);
  /* Before the answer: whoever has one finds the folder free. */
  if (g_async_queue_length (http->jobs) <= 0)
    pt_est_rest (http->est);
  if (job->wait > 0)
    pt_request_retry_after (request, job->wait);
  if (g_error_matches (error, PT_ERROR, PT_ERROR_UNAUTHORIZED))
    pt_request_add_header (request, "WWW-Authenticate", REALM);
  request->cache_control = "no-store";
  pt_request_answer (request, error);
}

static gpointer
work (gpointer data)
{
  PtEstHttp *http = data;

  for (;;)
    {
      g_autoptr (Job) job = g_async_queue_pop (http->jobs);

      if (job->run == NULL)
        return NULL;
      if (job->request != NULL)
        {
          job_answer (job, http);
          g_atomic_int_add (&http->under_way, -1);
        }
      else
        job->run (job, http->est, NULL);
    }
}

PtEstHttp *
pt_est_http_new (PtEst *est)
{
  PtEstHttp *http = g_new0 (PtEstHttp, 1);

  if (est == NULL)
    return http;
  http->est = est;
  http->jobs = g_async_queue_new ();
  http->thread = g_thread_new ("est", work, http);
  return http;
}

void
pt_est_http_close (PtEstHttp *http)
{
  g_return_if_fail (http != NULL);

  if (http->is_closed)
    return;
  http->is_closed = TRUE;
  if (http->thread == NULL)
    return;
  g_async_queue_push (http->jobs, g_new0 (Job, 1));
  g_thread_join (g_steal_pointer (&http->thread));
}

static gboolean
run_reload (Job *job, PtEst *est, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *key;

  if (pt_est_reload (est, &key, &local))
    g_message ("Gives certificates of the authority in [est] ca= as it is now.");
  else
    g_warning ("[est] %s: %s The authority from before stays.", key, local->message);
  return TRUE;
}

void
pt_est_http_reload (PtEstHttp *http)
{
  Job *job;

  g_return_if_fail (http != NULL);

  if (http->thread == NULL)
    return;
  job = g_new0 (Job, 1);
  job->run = run_reload;
  g_async_queue_push (http->jobs, job);
}

void
pt_est_http_free (PtEstHttp *http)
{
  if (http == NULL)
    return;
  pt_est_http_close (http);
  g_clear_pointer (&http->jobs, g_async_queue_unref);
  g_free (http);
}

/* From the main loop; takes @job. */
static gboolean
hand_over (PtEstHttp *http, PtRequest *request, Job *job, GError **error)
{
  g_autoptr (Job) taken = job;

  if (http->is_closed || g_atomic_int_get (&http->under_way) >= QUEUE_MAX)
    return refuse (PT_ERROR_BUSY, "Too many devices ask for certificates. Come again.", error);
  g_atomic_int_inc (&http->under_way);
  taken->request = pt_request_answer_later (request);
  g_async_queue_push (http->jobs, g_steal_pointer (&taken));
  return TRUE;
}

static gboolean
has_authority (const PtEstHttp *http, GError **error)
{
  return http->est != NULL
         || refuse (PT_ERROR_NOT_FOUND,
                    "This daemon gives no certificates: it has no [est] ca= in its configuration.",
                    error);
}

/* Devices */

/* NULL: there is no authority, or it did not come over TLS. */
static PtConnection *
connection_of (const PtEstHttp *http, PtRequest *request, GError **error)
{
  PtConnection *connection = pt_connection_of (request->message);

  if (!has_authority (http, error))
    return NULL;
  if (connection != NULL && pt_connection_listen (connection)->certificate != NULL)
    return connection;
  refuse (PT_ERROR_FORBIDDEN, "Certificates are given over TLS alone: ask by https.", error);
  return NULL;
}

static gboolean
answer_authority (PtRequest *request, gpointer context, GError **error)
{
  const PtEstHttp *http = context;
  g_autofree char *authority = NULL;

  if (connection_of (http, request, error) == NULL)
    return FALSE;
  authority = pt_est_authority (http->est);
  pt_request_take_text (request, PKCS7, g_string_new (authority));
  pt_request_add_header (request, "Content-Transfer-Encoding", "base64");
  return TRUE;
}

static void
answer_certificate (PtRequest *request, const char *given)
{
  if (given != NULL)
    {
      pt_request_take_text (request, CERTS_ONLY, g_string_new (given));
      pt_request_add_header (request, "Content-Transfer-Encoding", "base64");
      return;
    }
  pt_request_take_text (request, "text/plain",
                        g_string_new ("The key is not registered yet. Ask again later.\n"));
  request->status = SOUP_STATUS_ACCEPTED;
}

static gboolean
run_device (Job *job, PtEst *est, GError **error)
{
  const PtEstAsk ask = { .area = job->area,
                         .device = job->device,
                         .password = job->password,
                         .key = job->key,
                         .body = job->request->content,
                         .who = job->who,
                         .address = job->address,
                         .now = now_ms () };
  g_autoptr (GError) local = NULL;
  g_autofree char *given = NULL;

  given = job->password != NULL ? pt_est_enroll (est, &ask, &job->wait, &local)
                                : pt_est_reenroll (est, &ask, &job->wait, &local);
  if (local == NULL)
    answer_certificate (job->request, given);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return given != NULL;
}

static gboolean
check_type (PtRequest *request, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  return (type != NULL && g_ascii_strcasecmp (type, "application/pkcs10") == 0)
         || refuse (PT_ERROR_UNSUPPORTED,
                    "Send base64 of a request (PKCS#10) as application/pkcs10.", error);
}

static Job *
begin_device (PtRequest *request)
{
  PtConnection *connection = pt_connection_of (request->message);
  Job *job = g_new0 (Job, 1);

  job->run = run_device;
  job->who = pt_client_of (request);
  if (connection != NULL)
    job->address = pt_client_address (connection, request->message);
  if (job->who == NULL)
    job->who = g_strdup ("here");
  return job;
}

static gboolean
take_enroll (PtRequest *request, gpointer context, GError **error)
{
  PtEstHttp *http = context;
  g_autoptr (Job) job = begin_device (request);

  if (connection_of (http, request, error) == NULL || !check_type (request, error))
    return FALSE;
  if (!pt_est_may_try (http->est, job->who, &job->wait, error))
    {
      pt_request_retry_after (request, job->wait);
      return FALSE;
    }
  if (pt_est_basic_parse (pt_request_header (request, "Authorization"), job->area, job->device,
                          &job->password))
    return hand_over (http, request, g_steal_pointer (&job), error);
  pt_request_add_header (request, "WWW-Authenticate", REALM);
  return refuse (PT_ERROR_UNAUTHORIZED,
                 "Send area/device and the password of powertrack device invite as "
                 "Authorization: Basic.",
                 error);
}

static gboolean
take_reenroll (PtRequest *request, gpointer context, GError **error)
{
  g_autoptr (Job) job = begin_device (request);
  PtConnection *connection = connection_of (context, request, error);
  const PtShown *shown;

  if (connection == NULL || !check_type (request, error))
    return FALSE;
  shown = pt_connection_shown (connection);
  if (shown == NULL || shown->device[0] == '\0')
    return refuse (PT_ERROR_FORBIDDEN,
                   "Show the device's present certificate in TLS, with its URI "
                   "urn:powertrack:area:device.",
                   error);
  memcpy (job->area, shown->area, sizeof job->area);
  memcpy (job->device, shown->device, sizeof job->device);
  memcpy (job->key, shown->key, sizeof job->key);
  return hand_over (context, request, g_steal_pointer (&job), error);
}

/* Administration */

static gboolean
run_invite (Job *job, PtEst *est, GError **error)
{
  gint64 now = now_ms (), until = now + job->hours * HOUR_MS;
  g_autofree char *password = pt_est_invite (est, job->area, job->device, now, until, error);
  PtJsonText *json;

  if (password == NULL)
    return FALSE;
  json = pt_json_text_new ();
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", job->area);
  pt_json_text_string (json, "device", job->device);
  pt_json_text_string (json, "password", password);
  pt_json_text_integer (json, "expires", until);
  pt_json_text_end_object (json);
  pt_request_take_json (job->request, json);
  job->request->status = SOUP_STATUS_CREATED;
  explicit_bzero (password, strlen (password));
  return TRUE;
}

static gboolean
take_invitation (PtRequest *request, gpointer context, GError **error)
{
  static const char *const names[] = { "area", "device", "hours", NULL };
  g_autoptr (PtForm) form = NULL;
  g_autoptr (Job) job = g_new0 (Job, 1);
  const char *area, *device;

  if (!has_authority (context, error))
    return FALSE;
  form = pt_form_read (request->content, names, error);
  if (form == NULL || !pt_form_area (form, &area, error)
      || !pt_form_id (form, "device", &device, error)
      || !pt_form_integer (form, "hours", 1, HOURS_MAX, &job->hours, error))
    return FALSE;
  job->run = run_invite;
  g_strlcpy (job->area, area, sizeof job->area);
  g_strlcpy (job->device, device, sizeof job->device);
  return hand_over (context, request, g_steal_pointer (&job), error);
}

static void
write_pending (PtJsonText *json, const PtPendingRequest *waits)
{
  pt_json_text_begin_object (json, NULL);
  pt_json_text_string (json, "area", waits->area);
  pt_json_text_string (json, "device", waits->device);
  pt_json_text_base64url (json, "key", waits->key, sizeof waits->key);
  pt_json_text_boolean (json, "registered", waits->is_registered);
  pt_json_text_foreign (json, "address", waits->address);
  pt_json_text_integer (json, "first", waits->first);
  pt_json_text_integer (json, "last", waits->last);
  pt_json_text_string (json, "request", waits->request);
  pt_json_text_end_object (json);
}

static gboolean
run_pending (Job *job, PtEst *est, GError **error)
{
  PtPending *pending = pt_est_pending (est);
  guint count = pt_pending_count (pending, now_ms ());
  PtJsonText *json = pt_json_text_new ();

  pt_json_text_begin_object (json, NULL);
  pt_json_text_begin_array (json, "pending");
  for (guint i = 0; i < count; i++)
    write_pending (json, pt_pending_get (pending, i));
  pt_json_text_end_array (json);
  pt_json_text_end_object (json);
  pt_request_take_json (job->request, json);
  return TRUE;
}

static gboolean
answer_pending (PtRequest *request, gpointer context, GError **error)
{
  Job *job;

  if (!has_authority (context, error))
    return FALSE;
  job = g_new0 (Job, 1);
  job->run = run_pending;
  return hand_over (context, request, job, error);
}

const PtRoute pt_est_http_routes[] = {
  { "GET", "/.well-known/est/cacerts", answer_authority, PT_RUNS_ON_LOOP,
    .serves = PT_SERVES_DEVICES },
  { "POST", "/.well-known/est/simpleenroll", take_enroll, PT_RUNS_ON_LOOP,
    .serves = PT_SERVES_DEVICES, .body_max = PT_EST_BODY_MAX },
  { "POST", "/.well-known/est/simplereenroll", take_reenroll, PT_RUNS_ON_LOOP,
    .serves = PT_SERVES_DEVICES, .body_max = PT_EST_BODY_MAX },
  { "POST", "/api/v1/est/invitations", take_invitation, PT_RUNS_ON_LOOP, .needs = PT_NEEDS_ADMIN,
    .body_max = FORM_MAX },
  { "GET", "/api/v1/est/pending", answer_pending, PT_RUNS_ON_LOOP, .needs = PT_NEEDS_ADMIN },
  { NULL },
};
