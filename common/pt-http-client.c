/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-http-client.h"

#include <curl/curl.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "pt-error.h"
#include "pt-json-bounds.h"

#define CONNECT_MS 5000
#define TOTAL_MS 30000
#define MAX_BYTES (2 * 1024 * 1024)
#define LOW_SPEED_BYTES 1000L /* a second */
#define LOW_SPEED_SECONDS 10L
#define DETAIL_MAX 300    /* characters of a problem's detail that go into a message */
#define PROBLEM_MAX 16384 /* bytes of a problem that are looked at */
#define PROBLEM_DEPTH_MAX 8

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CURLU, curl_url_cleanup)
typedef struct curl_slist CurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CurlList, curl_slist_free_all)

struct _PtHttpClient
{
  CURL *curl;
  guint connect_ms, total_ms;
  gsize max_bytes;
  char *bearer;
  char *ca, *certificate, *key;
};

typedef struct
{
  GByteArray *body;
  gsize max_bytes;
  gboolean too_large;
} Answer;

static gpointer
initialise_curl (gpointer data)
{
  return GINT_TO_POINTER (curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

PtHttpClient *
pt_http_client_new (void)
{
  static GOnce once = G_ONCE_INIT;
  PtHttpClient *client = g_new0 (PtHttpClient, 1);

  g_once (&once, initialise_curl, NULL);
  client->curl = curl_easy_init ();
  client->connect_ms = CONNECT_MS;
  client->total_ms = TOTAL_MS;
  client->max_bytes = MAX_BYTES;
  return client;
}

static void
wipe (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

void
pt_http_client_free (PtHttpClient *client)
{
  if (client == NULL)
    return;
  if (client->curl != NULL)
    curl_easy_cleanup (client->curl);
  wipe (client->bearer);
  g_free (client->ca);
  g_free (client->certificate);
  wipe (client->key);
  g_free (client);
}

void
pt_http_client_set_limits (PtHttpClient *client, guint connect_ms, guint total_ms, gsize max_bytes)
{
  g_return_if_fail (client != NULL);

  client->connect_ms = connect_ms;
  client->total_ms = total_ms;
  client->max_bytes = max_bytes;
}

void
pt_http_client_set_bearer (PtHttpClient *client, const char *token)
{
  g_return_if_fail (client != NULL);

  wipe (client->bearer);
  client->bearer = g_strdup (token);
}

void
pt_http_client_set_tls (PtHttpClient *client, const char *ca, const char *certificate,
                        const char *key)
{
  g_return_if_fail (client != NULL);

  g_free (client->ca);
  g_free (client->certificate);
  wipe (client->key);
  client->ca = g_strdup (ca);
  client->certificate = g_strdup (certificate);
  client->key = g_strdup (key);
}

static size_t
receive (char *data, size_t item, size_t count, void *user_data)
{
  Answer *answer = user_data;
  gsize size = item * count;

  if (size > answer->max_bytes - answer->body->len)
    {
      answer->too_large = TRUE;
      return 0;
    }
  g_byte_array_append (answer->body, (const guint8 *) data, size);
  return size;
}

static char *
get_url_part (CURLU *url, CURLUPart part)
{
  char *text = NULL, *copy;

  if (curl_url_get (url, part, &text, 0) != CURLUE_OK)
    return NULL;
  copy = g_strdup (text);
  curl_free (text);
  return copy;
}

static gboolean
is_loopback (const char *host)
{
  g_autofree char *bare = NULL;
  g_autoptr (GInetAddress) address = NULL;
  gsize length = strlen (host);

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  bare = host[0] == '[' && length > 2 ? g_strndup (host + 1, length - 2) : g_strdup (host);
  address = g_inet_address_new_from_string (bare);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

/* unix:/path:/target; NULL: it is another. Its path; *@target begins in @text. */
static char *
unix_path (const char *text, const char **target)
{
  const char *end;

  if (!g_str_has_prefix (text, "unix:/"))
    return NULL;
  text += strlen ("unix:");
  end = strchr (text, ':');
  *target = end != NULL ? end + 1 : "";
  return g_strndup (text, end != NULL ? (gsize) (end - text) : strlen (text));
}

/* What a message may say of a URL: keys of paid endpoints stand in paths, passwords before hosts.
 * NULL and PT_ERROR_CONFIGURATION for what is not an http or https URL. */
static char *
describe_url (const char *text, gboolean *loopback, GError **error)
{
  g_autoptr (CURLU) url = curl_url ();
  g_autofree char *scheme = NULL, *host = NULL, *port = NULL, *path;
  const char *target;

  path = unix_path (text, &target);
  if (path != NULL)
    {
      *loopback = TRUE;
      return g_strconcat ("unix:", path, NULL);
    }
  if (curl_url_set (url, CURLUPART_URL, text, 0) == CURLUE_OK)
    {
      scheme = get_url_part (url, CURLUPART_SCHEME);
      host = get_url_part (url, CURLUPART_HOST);
      port = get_url_part (url, CURLUPART_PORT);
    }
  if (host == NULL || (g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0))
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           "the address is not a URL that begins with http://, https:// or unix:/");
      return NULL;
    }
  *loopback = is_loopback (host);
  return g_strdup_printf ("%s://%s%s%s", scheme, host, port != NULL ? ":" : "",
                          port != NULL ? port : "");
}

static void
set_policy (PtHttpClient *client, const char *url, gboolean loopback)
{
  CURL *curl = client->curl;
  const char *target;
  g_autofree char *path = unix_path (url, &target);
  g_autofree char *within = path != NULL ? g_strconcat ("http://localhost", target, NULL) : NULL;

  curl_easy_reset (curl); /* keeps the connection */
  curl_easy_setopt (curl, CURLOPT_URL, within != NULL ? within : url);
  curl_easy_setopt (curl, CURLOPT_UNIX_SOCKET_PATH, path);
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, (long) client->connect_ms);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, (long) client->total_ms);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
  curl_easy_setopt (curl, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_SECONDS);
  curl_easy_setopt (curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t) client->max_bytes);
  curl_easy_setopt (curl, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt (curl, CURLOPT_USERAGENT, "powertrack/" PT_VERSION);
  if (loopback) /* whatever the environment says, no proxy stands between us and ourselves */
    curl_easy_setopt (curl, CURLOPT_PROXY, "");
}

static void
set_blob (CURL *curl, CURLoption option, char *text)
{
  struct curl_blob blob = { text, strlen (text), CURL_BLOB_NOCOPY };

  curl_easy_setopt (curl, option, &blob);
}

static void
set_tls (PtHttpClient *client)
{
  if (client->ca != NULL)
    {
      curl_easy_setopt (client->curl, CURLOPT_CAINFO, client->ca);
      curl_easy_setopt (client->curl, CURLOPT_CAPATH, NULL);
    }
  if (client->certificate == NULL || client->key == NULL)
    return;
  set_blob (client->curl, CURLOPT_SSLCERT_BLOB, client->certificate);
  set_blob (client->curl, CURLOPT_SSLKEY_BLOB, client->key);
}

/* Appends "@name: @value". */
static gboolean
append_header (CurlList **list, const char *name, const char *value, GError **error)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", name, value);
  CurlList *longer;

  for (const char *c = value; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      {
        g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                     "the value of the HTTP header %s has a control character; remove it", name);
        return FALSE;
      }
  longer = curl_slist_append (*list, line);
  explicit_bzero (line, strlen (line));
  if (longer != NULL)
    *list = longer;
  return TRUE;
}

static gboolean
set_headers (PtHttpClient *client, CurlList **list, const char *accept, const char *content_type,
             GError **error)
{
  g_autofree char *bearer = NULL;

  if (accept != NULL && !append_header (list, "Accept", accept, error))
    return FALSE;
  if (content_type != NULL && !append_header (list, "Content-Type", content_type, error))
    return FALSE;
  if (client->bearer != NULL)
    {
      bearer = g_strconcat ("Bearer ", client->bearer, NULL);
      if (!append_header (list, "Authorization", bearer, error))
        return FALSE;
    }
  /* libcurl would wait for "100 Continue" before a longer body. */
  *list = curl_slist_append (*list, "Expect:");
  curl_easy_setopt (client->curl, CURLOPT_HTTPHEADER, *list);
  return TRUE;
}

static void
set_body (PtHttpClient *client, GBytes *body)
{
  gsize size = 0;
  const void *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  curl_easy_setopt (client->curl, CURLOPT_POST, 1L);
  curl_easy_setopt (client->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) size);
  curl_easy_setopt (client->curl, CURLOPT_POSTFIELDS, data != NULL ? data : "");
}

static void
set_failure (GError **error, const char *where, const Answer *answer, CURLcode code)
{
  if (answer->too_large || code == CURLE_FILESIZE_EXCEEDED)
    g_set_error (error, PT_ERROR, PT_ERROR_TOO_LARGE,
                 "%s answered more than %" G_GSIZE_FORMAT " bytes", where, answer->max_bytes);
  else if (code == CURLE_OPERATION_TIMEDOUT)
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s did not answer in time", where);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_RETRY, "%s could not be reached: %s", where,
                 curl_easy_strerror (code));
}

static GBytes *
perform (PtHttpClient *client, const char *url, gboolean post, const char *accept,
         const char *content_type, GBytes *body, guint *status, GError **error)
{
  g_autoptr (CurlList) headers = NULL;
  g_autoptr (GByteArray) received = g_byte_array_new ();
  g_autofree char *where = NULL;
  Answer answer = { received, client->max_bytes, FALSE };
  gboolean loopback = FALSE;
  long code = 0;
  CURLcode result;

  if (status != NULL)
    *status = 0;
  where = describe_url (url, &loopback, error);
  if (where == NULL)
    return NULL;
  if (client->curl == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_FAILED, "libcurl could not be initialised");
      return NULL;
    }
  set_policy (client, url, loopback);
  set_tls (client);
  if (!set_headers (client, &headers, accept, content_type, error))
    return NULL;
  if (post)
    set_body (client, body);
  curl_easy_setopt (client->curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt (client->curl, CURLOPT_WRITEDATA, &answer);
  result = curl_easy_perform (client->curl);
  curl_easy_setopt (client->curl, CURLOPT_HTTPHEADER, NULL); /* the list ends with this call */
  curl_easy_getinfo (client->curl, CURLINFO_RESPONSE_CODE, &code);
  if (status != NULL)
    *status = (guint) CLAMP (code, 0, 999);
  if (result != CURLE_OK)
    {
      set_failure (error, where, &answer, result);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&received));
}

GBytes *
pt_http_client_get (PtHttpClient *client, const char *url, const char *accept, guint *status,
                    GError **error)
{
  g_return_val_if_fail (client != NULL && url != NULL, NULL);

  return perform (client, url, FALSE, accept, NULL, NULL, status, error);
}

GBytes *
pt_http_client_post (PtHttpClient *client, const char *url, const char *content_type, GBytes *body,
                     guint *status, GError **error)
{
  g_return_val_if_fail (client != NULL && url != NULL, NULL);

  return perform (client, url, TRUE, NULL, content_type, body, status, error);
}

static const char *
string_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static PtErrorCode
code_of_status (guint status)
{
  switch (status)
    {
    case 401:
    case 403:
      return PT_ERROR_UNAUTHORIZED;
    case 404:
      return PT_ERROR_NOT_FOUND;
    case 409:
      return PT_ERROR_CONFLICT;
    case 413:
      return PT_ERROR_TOO_LARGE;
    case 429:
    case 503:
      return PT_ERROR_BUSY;
    default:
      return status >= 500 ? PT_ERROR_RETRY : PT_ERROR_FAILED;
    }
}

/* The type's last segment is the slug, whatever stands before it. */
static PtErrorCode
code_of_type (const char *type, PtErrorCode otherwise)
{
  const char *slug = type;

  for (const char *c = type; *c != '\0'; c++)
    if (*c == '/' || *c == '#' || *c == ':')
      slug = c + 1;
  for (guint code = 0; code < PT_ERROR_COUNT; code++)
    if (strcmp (pt_error_slug (code), slug) == 0)
      return code;
  return otherwise;
}

static char *
clean_detail (const char *detail)
{
  g_autofree char *valid = g_utf8_make_valid (detail, -1);
  char *cut = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), DETAIL_MAX));

  for (char *c = cut; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return cut;
}

/* RFC 9457; @detail stays NULL when the body is no problem. */
static PtErrorCode
read_problem (GBytes *body, guint status, char **detail)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  PtErrorCode code = code_of_status (status);
  gsize size;
  const char *data = g_bytes_get_data (body, &size), *text;
  JsonNode *root;

  if (size == 0 || size > PROBLEM_MAX || !pt_json_is_shallow (data, size, PROBLEM_DEPTH_MAX)
      || !json_parser_load_from_data (parser, data, (gssize) size, NULL))
    return code;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return code;
  text = string_member (json_node_get_object (root), "type");
  if (text != NULL)
    code = code_of_type (text, code);
  text = string_member (json_node_get_object (root), "detail");
  if (text == NULL)
    text = string_member (json_node_get_object (root), "title");
  if (text != NULL)
    *detail = clean_detail (text);
  return code;
}

static GBytes *
require_ok (GBytes *body, const char *url, guint status, GError **error)
{
  g_autoptr (GBytes) owned = body;
  g_autofree char *where = NULL, *detail = NULL;
  gboolean loopback;
  PtErrorCode code;

  if (owned == NULL || status / 100 == 2)
    return g_steal_pointer (&owned);
  where = describe_url (url, &loopback, NULL);
  code = read_problem (owned, status, &detail);
  g_set_error (error, PT_ERROR, code, "%s answered %u%s%s", where, status,
               detail != NULL ? ": " : "", detail != NULL ? detail : "");
  return NULL;
}

GBytes *
pt_http_client_get_ok (PtHttpClient *client, const char *url, GError **error)
{
  guint status;
  GBytes *body;

  g_return_val_if_fail (client != NULL, NULL);

  body = pt_http_client_get (client, url, NULL, &status, error);
  return require_ok (body, url, status, error);
}

GBytes *
pt_http_client_post_ok (PtHttpClient *client, const char *url, const char *content_type,
                        GBytes *body, GError **error)
{
  guint status;
  GBytes *answer;

  g_return_val_if_fail (client != NULL, NULL);

  answer = pt_http_client_post (client, url, content_type, body, &status, error);
  return require_ok (answer, url, status, error);
}
