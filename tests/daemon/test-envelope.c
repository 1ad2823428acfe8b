/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-envelope.h"

#include <string.h>

#include "pt-error.h"
#include "pt-photo.h"

static PtEnvelope *
read_text (const char *type, const char *body, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  return pt_envelope_read (type, bytes, error);
}

static gboolean
is (GBytes *bytes, const char *text)
{
  gsize size;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return data != NULL && size == strlen (text) && memcmp (data, text, size) == 0;
}

static void
test_json (void)
{
  g_autoptr (PtEnvelope) alone
      = read_text ("application/json; charset=utf-8", "{\"entry\":\"{\\\"a\\\":1}\"}", NULL);
  g_autoptr (PtEnvelope) whole = read_text ("Application/JSON",
                                            "{\"nonce\":\"12\",\"ticket\":\"abc\",\"private\":"
                                            "\"p\",\"entry\":\"e\"}",
                                            NULL);

  g_assert_true (is (alone->entry, "{\"a\":1}"));
  g_assert_null (alone->private);
  g_assert_null (alone->ticket);
  g_assert_cmpuint (alone->photos->len, ==, 0);
  g_assert_true (is (whole->entry, "e") && is (whole->private, "p"));
  g_assert_cmpstr (whole->ticket, ==, "abc");
  g_assert_cmpstr (whole->nonce, ==, "12");
}

#define PART(name, type, content)                                                                  \
  "--xyz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n" type "\r\n" content "\r\n"
#define JPEG "Content-Type: image/jpeg\r\n"
#define FORM "multipart/form-data; boundary=xyz"

static void
test_multipart (void)
{
  g_autoptr (PtEnvelope) envelope
      = read_text (FORM,
                   PART ("entry", "", "e") PART ("photo", JPEG, "1") PART ("private", "", "p")
                       PART ("photo", "Content-Type: image/webp\r\n", "2") "--xyz--",
                   NULL);

  g_assert_true (is (envelope->entry, "e") && is (envelope->private, "p"));
  g_assert_cmpuint (envelope->photos->len, ==, 2);
  g_assert_true (is (envelope->photos->pdata[0], "1") && is (envelope->photos->pdata[1], "2"));
}

static void
assert_refused (const char *type, const char *body, PtErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%.80s", body);
  g_assert_null (read_text (type, body, &error));
  g_assert_error (error, PT_ERROR, (int) code);
}

static void
test_bad (void)
{
  static const char *const json[] = {
    "",
    "[]",
    "{}",
    "{\"entry\":1}",
    "{\"entry\":null}",
    "{\"entry\":{}}",
    "{\"entry\":\"e\",\"photo\":\"p\"}",
    "{\"entry\":\"e\",\"nonce\":\"123456789012345678901\"}",
    "{\"entry\":\"e\"",
  };
  g_autofree char *ticket = g_strnfill (600, 't');
  g_autofree char *long_ticket = g_strdup_printf ("{\"entry\":\"e\",\"ticket\":\"%s\"}", ticket);
  g_autofree char *huge = g_strnfill (PT_ENVELOPE_JSON_MAX + 1, ' ');

  for (guint i = 0; i < G_N_ELEMENTS (json); i++)
    assert_refused ("application/json", json[i], PT_ERROR_MALFORMED);
  assert_refused ("application/json", long_ticket, PT_ERROR_MALFORMED);
  assert_refused ("application/json", huge, PT_ERROR_TOO_LARGE);
  assert_refused (NULL, "{}", PT_ERROR_UNSUPPORTED);
  assert_refused ("application/jsonp", "{}", PT_ERROR_UNSUPPORTED);
  assert_refused (FORM, PART ("entry", "", "e") PART ("entry", "", "e") "--xyz--",
                  PT_ERROR_MALFORMED);
  assert_refused (FORM, PART ("entry", "", "e") PART ("other", "", "e") "--xyz--",
                  PT_ERROR_MALFORMED);
  assert_refused (FORM, PART ("entry", "", "e") PART ("photo", "", "e") "--xyz--",
                  PT_ERROR_UNSUPPORTED);
  assert_refused (FORM,
                  PART ("photo", JPEG, "1") PART ("photo", JPEG, "2") PART ("photo", JPEG, "3")
                      PART ("photo", JPEG, "4") PART ("photo", JPEG, "5") PART ("photo", JPEG, "6")
                          PART ("entry", "", "e") "--xyz--",
                  PT_ERROR_TOO_LARGE);
  {
    g_autofree char *photo = g_strnfill (PT_PHOTO_BYTES_MAX + 1, 'x');
    g_autofree char *body
        = g_strconcat (PART ("entry", "", "e"),
                       "--xyz\r\nContent-Disposition: form-data; name=\"photo\"\r\n" JPEG "\r\n",
                       photo, "\r\n--xyz--", NULL);

    assert_refused (FORM, body, PT_ERROR_TOO_LARGE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/envelope/json", test_json);
  g_test_add_func ("/envelope/multipart", test_multipart);
  g_test_add_func ("/envelope/bad", test_bad);
  return g_test_run ();
}
