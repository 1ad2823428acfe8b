/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-intake-stream.h"

#include <string.h>

#include "pt-intake-http.h"
#include "pt-kind.h"

#define PIECE_MAX (1024 * 1024) /* bytes of a submission, and of what waits to become one */
#define AT_ONCE 2               /* submissions on their way */
#define UNREAD_MAX (256 * 1024) /* of answers: then nothing more is taken in */
#define AGAIN_MS 100
#define BUSY_S 30 /* so long there may be no room */

typedef struct
{
  PtStream *stream; /* NULL: nobody hears any more */
  const PtIntakeHttp *http;
  guint references;
  gboolean receipts;

  GByteArray *ahead;     /* came, and is no submission yet */
  guint64 ahead_lines;   /* whole ones of it */
  guint64 lines;         /* taken out of it before */
  gboolean has_come;     /* all of it */
  guint on_way;          /* submissions */
  GBytes *waiting;       /* a piece for which there is no room */
  guint64 waiting_lines; /* of it */
  gint64 waiting_since;  /* monotonic, us */
  guint again_source;
  const char *wrong; /* why nothing more is taken in: a slug; or NULL */
  guint64 again;     /* from which line on, then */
  guint64 accepted, duplicate, rejected;
} Stream;

/* A submission on its way. */
typedef struct
{
  Stream *stream;
  guint64 from, to; /* lines */
  guint accepted, duplicate, rejected;
  gboolean is_busy;
  char *text;
} Part;

static void
stream_unref (Stream *stream)
{
  if (--stream->references > 0)
    return;
  g_clear_handle_id (&stream->again_source, g_source_remove);
  g_clear_pointer (&stream->waiting, g_bytes_unref);
  g_byte_array_unref (stream->ahead);
  g_free (stream);
}

static Stream *
stream_ref (Stream *stream)
{
  stream->references++;
  return stream;
}

static void
stream_stop (Stream *stream, const char *wrong, guint64 again)
{
  stream->again = stream->wrong != NULL ? MIN (stream->again, again) : again;
  stream->wrong = wrong;
  g_clear_pointer (&stream->waiting, g_bytes_unref);
  g_clear_handle_id (&stream->again_source, g_source_remove);
}

/* Submissions */

static void stream_pump (Stream *stream);

static gboolean
part_told (gpointer data)
{
  Part *part = data;
  Stream *stream = part->stream;

  stream->on_way--;
  if (part->is_busy)
    stream_stop (stream, "busy", part->from);
  else
    {
      stream->accepted += part->accepted;
      stream->duplicate += part->duplicate;
      stream->rejected += part->rejected;
    }
  if (!part->is_busy && stream->stream != NULL)
    pt_stream_say (stream->stream, part->text);
  stream_pump (stream);
  stream_unref (stream);
  g_free (part->text);
  g_free (part);
  return G_SOURCE_REMOVE;
}

/* On the committer's thread. */
static void
part_done (PtSubmission *submission, gpointer data)
{
  Part *part = data;
  g_autofree char *json = pt_submission_to_json (submission);

  part->is_busy = pt_submission_is_busy (submission);
  for (guint i = 0; i < submission->count; i++)
    {
      part->accepted += submission->lines[i].state == PT_LINE_ACCEPTED;
      part->duplicate += submission->lines[i].state == PT_LINE_DUPLICATE;
    }
  part->rejected = submission->count - part->accepted - part->duplicate;
  part->text = g_strdup_printf ("{\"from\":%" G_GUINT64_FORMAT ",\"to\":%" G_GUINT64_FORMAT ",%s\n",
                                part->from, part->to, json + 1);
  /* Its place first: who has an answer may hand in the next at once. */
  pt_submission_free (submission);
  g_idle_add_full (G_PRIORITY_DEFAULT, part_told, part, NULL);
}

/* FALSE: there is no room. */
static gboolean
stream_submit (Stream *stream, GBytes *piece, guint64 lines)
{
  Part *part = g_new0 (Part, 1);
  PtSubmission *submission
      = pt_submission_new (&pt_kind_report, piece, TRUE, part_done, part, NULL);
  gboolean is_empty = submission->count == 0; /* it is not ours any more once it is taken */

  part->from = stream->lines + 1;
  part->to = stream->lines + lines;
  submission->lines_before = stream->lines;
  pt_intake_http_set_peer (submission, pt_connection_of (pt_stream_message (stream->stream)),
                           pt_stream_message (stream->stream));
  if (stream->receipts)
    pt_submission_want (submission, PT_WANT_RECEIPTS);
  if (!is_empty
      && (!pt_intake_may_take (stream->http->intake, NULL)
          || !pt_intake_take (stream->http->intake, submission)))
    {
      gboolean too_many = pt_submission_wait (submission) > 0; /* waiting here is no help */

      pt_submission_free (submission);
      g_free (part);
      if (too_many)
        stream_stop (stream, "too-many", stream->lines + 1);
      return too_many;
    }
  stream->lines += lines;
  part->stream = stream_ref (stream);
  stream->on_way++;
  if (is_empty) /* empty lines alone are answered too */
    part_done (submission, part);
  return TRUE;
}

static gboolean
stream_try_again (gpointer data)
{
  Stream *stream = data;
  g_autoptr (GBytes) piece = NULL;

  stream->again_source = 0;
  piece = g_steal_pointer (&stream->waiting);
  stream_ref (stream);
  if (stream_submit (stream, piece, stream->waiting_lines))
    stream->waiting_since = 0;
  else if (g_get_monotonic_time () - stream->waiting_since > BUSY_S * G_USEC_PER_SEC)
    stream_stop (stream, "busy", stream->lines + 1);
  else
    {
      stream->waiting = g_steal_pointer (&piece);
      stream->again_source = g_timeout_add (AGAIN_MS, stream_try_again, stream);
    }
  stream_pump (stream);
  stream_unref (stream);
  return G_SOURCE_REMOVE;
}

/* Cutting */

/* How many bytes of what is there become a submission: whole lines, as many as one may have. */
static gsize
stream_measure (Stream *stream, guint64 *lines)
{
  const char *data = (const char *) stream->ahead->data, *cursor = data;
  const char *end = data + MIN (stream->ahead->len, PIECE_MAX);

  *lines = 0;
  while (*lines < PT_SUBMISSION_LINES_MAX && cursor < end)
    {
      const char *newline = memchr (cursor, '\n', (gsize) (end - cursor));

      if (newline == NULL)
        break;
      cursor = newline + 1;
      ++*lines;
    }
  /* The last line may end without one. */
  if (stream->has_come && *lines < PT_SUBMISSION_LINES_MAX && cursor < end
      && stream->ahead->len <= PIECE_MAX)
    {
      cursor = end;
      ++*lines;
    }
  return (gsize) (cursor - data);
}

/* While one is on its way the next one grows: who sends much has large ones, who sends little
 * answers at once. */
static gboolean
stream_wants_piece (const Stream *stream)
{
  gboolean is_full
      = stream->ahead->len >= PIECE_MAX || stream->ahead_lines >= PT_SUBMISSION_LINES_MAX;

  return stream->wrong == NULL && stream->waiting == NULL && stream->ahead->len > 0
         && pt_stream_unread (stream->stream) < UNREAD_MAX
         && (is_full || stream->has_come ? stream->on_way < AT_ONCE : stream->on_way == 0);
}

/* FALSE: there is no whole line. */
static gboolean
stream_take_piece (Stream *stream)
{
  guint64 lines;
  gsize size = stream_measure (stream, &lines);
  g_autoptr (GBytes) piece = NULL;

  if (size == 0)
    {
      if (stream->ahead->len >= PIECE_MAX)
        stream_stop (stream, "too-large", stream->lines + 1);
      return FALSE;
    }
  piece = g_bytes_new (stream->ahead->data, size);
  g_byte_array_remove_range (stream->ahead, 0, (guint) size);
  stream->ahead_lines -= MIN (lines, stream->ahead_lines);
  if (stream_submit (stream, piece, lines))
    return TRUE;
  stream->waiting = g_steal_pointer (&piece);
  stream->waiting_lines = lines;
  stream->waiting_since = g_get_monotonic_time ();
  stream->again_source = g_timeout_add (AGAIN_MS, stream_try_again, stream);
  return FALSE;
}

static void
stream_say_end (Stream *stream)
{
  PtStream *told = g_steal_pointer (&stream->stream); /* it may ask for more meanwhile */
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "{\"end\":%s", stream->wrong == NULL ? "true" : "false");
  if (stream->wrong != NULL)
    g_string_append_printf (text, ",\"error\":\"%s\",\"again\":%" G_GUINT64_FORMAT, stream->wrong,
                            stream->again);
  g_string_append_printf (text,
                          ",\"lines\":%" G_GUINT64_FORMAT ",\"accepted\":%" G_GUINT64_FORMAT
                          ",\"duplicate\":%" G_GUINT64_FORMAT ",\"rejected\":%" G_GUINT64_FORMAT
                          "}\n",
                          stream->lines, stream->accepted, stream->duplicate, stream->rejected);
  pt_stream_say (told, text->str);
  pt_stream_end (told);
}

static void
stream_pump (Stream *stream)
{
  gboolean is_whole;

  while (stream->stream != NULL && stream_wants_piece (stream))
    if (!stream_take_piece (stream))
      break;
  if (stream->stream == NULL)
    return;
  is_whole = stream->has_come && stream->ahead->len == 0 && stream->waiting == NULL;
  if (stream->on_way == 0 && (stream->wrong != NULL || is_whole))
    stream_say_end (stream);
  else
    pt_stream_hold (stream->stream, stream->wrong != NULL || stream->ahead->len >= PIECE_MAX);
}

/* What the stream tells */

static void
stream_take (gpointer data, const char *bytes, gsize size)
{
  Stream *stream = data;

  if (stream->wrong != NULL || stream->stream == NULL)
    return;
  g_byte_array_append (stream->ahead, (const guint8 *) bytes, (guint) size);
  for (const char *at = bytes; (at = memchr (at, '\n', (gsize) (bytes + size - at))) != NULL; at++)
    stream->ahead_lines++;
  stream_pump (stream);
}

static void
stream_go_on (gpointer data)
{
  stream_pump (data);
}

static void
stream_came (gpointer data)
{
  Stream *stream = data;

  stream->has_come = TRUE;
  stream_pump (stream);
}

static void
stream_gone (gpointer data)
{
  Stream *stream = data;

  stream->stream = NULL;
  stream_stop (stream, "gone", 0);
  stream_unref (stream);
}

gboolean
pt_intake_stream_begin (PtStream *stream, gpointer context, GError **error)
{
  static const PtStreamTaker taker = { stream_take, stream_go_on, stream_came, stream_gone };
  const PtIntakeHttp *http = context;
  Stream *taken;

  g_return_val_if_fail (stream != NULL && http != NULL, FALSE);

  if (!pt_intake_may_take (http->intake, error))
    return FALSE;
  taken = g_new0 (Stream, 1);
  taken->stream = stream;
  taken->http = http;
  taken->references = 1;
  taken->receipts = pt_intake_http_wants_receipts (pt_stream_message (stream));
  taken->ahead = g_byte_array_new ();
  pt_stream_set_taker (stream, &taker, taken);
  return TRUE;
}
