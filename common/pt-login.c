/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-login.h"

#include <string.h>

#include "pt-json.h"

#define PREFIX "powertrack login v1\n"

/* The members of a login, each once and all of them texts but the time. */
static gboolean
read_login (PtSpan text, PtSpan *area, PtSpan *official, PtSpan *host)
{
  PtJsonReader reader;
  PtJsonValue value;
  PtSpan key;
  bool more = false;

  pt_json_reader_init (&reader, text);
  if (pt_json_open (&reader) != PT_OK)
    return FALSE;
  while (pt_json_member (&reader, &more, &key, &value, NULL) == PT_OK && more)
    {
      if (value.type != PT_JSON_STRING && value.type != PT_JSON_INTEGER)
        return FALSE;
      if (pt_span_is (key, "area"))
        *area = value.text;
      if (pt_span_is (key, "official"))
        *official = value.text;
      if (pt_span_is (key, "host"))
        *host = value.text;
    }
  return !more && pt_json_finish (&reader) == PT_OK && host->size > 0;
}

/* As a Host header says it; without a port where @port is -1. */
static gboolean
is_host (const char *host, const char *name, int port)
{
  g_autofree char *plain
      = strchr (name, ':') != NULL ? g_strdup_printf ("[%s]", name) : g_strdup (name);
  g_autofree char *whole = port > 0 ? g_strdup_printf ("%s:%d", plain, port) : g_strdup (plain);

  return g_ascii_strcasecmp (host, whole) == 0;
}

/* The daemon names what it is configured to be called, which may be without a port, or else what
 * it was called by whoever asked. */
static gboolean
is_at (const char *host, const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  const char *name = uri != NULL ? g_uri_get_host (uri) : NULL;

  return name != NULL && (is_host (host, name, -1) || is_host (host, name, g_uri_get_port (uri)));
}

PtLogin
pt_login_judge (const char *challenge, const char *area, const char *official, const char *url,
                char **host)
{
  PtSpan its_area = { 0 }, its_official = { 0 }, its_host = { 0 };
  g_autofree char *name = NULL;

  if (host != NULL)
    *host = NULL;
  g_return_val_if_fail (challenge != NULL && area != NULL && official != NULL, PT_LOGIN_OTHER);
  g_return_val_if_fail (url != NULL, PT_LOGIN_OTHER);
  if (!g_str_has_prefix (challenge, PREFIX))
    return PT_LOGIN_OTHER;
  challenge += strlen (PREFIX);
  if (!read_login (pt_span (challenge, strlen (challenge)), &its_area, &its_official, &its_host)
      || !pt_span_is (its_area, area) || !pt_span_is (its_official, official))
    return PT_LOGIN_OTHER;
  name = g_strndup (its_host.data, its_host.size);
  if (is_at (name, url))
    return PT_LOGIN_GOOD;
  if (host != NULL)
    *host = g_steal_pointer (&name);
  return PT_LOGIN_ELSEWHERE;
}
