/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-ticket.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#include "pt-complaint-number.h"
#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-secret.h"
#include "pt-sha256.h"

#define MAC_SIZE PT_HASH_SIZE
#define PAYLOAD_MAX (PT_TICKET_TEXT_MAX * 3 / 4)
#define DRAWS_MAX 100
#define FIELDS 10

struct _PtTickets
{
  PtSecret key;
  PtSecret life; /* of this process: what is spent is not known to the next one */
  PtClock *clock;
  GMutex lock;
  GHashTable *spent; /* PtHash of a ticket -> Spent */
  GQueue order;      /* of Spent: the oldest first */
};

typedef struct
{
  PtHash ticket, digest;
  gint64 expires;
  gboolean is_free; /* its entry came too late: it is good for another one */
} Spent;

static guint
hash_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (PtHash)) == 0;
}

PtTickets *
pt_tickets_new (const char *path, PtClock *clock, GError **error)
{
  g_autoptr (PtTickets) tickets = NULL;

  g_return_val_if_fail (path != NULL && clock != NULL, NULL);

  tickets = g_new0 (PtTickets, 1);
  g_mutex_init (&tickets->lock);
  tickets->clock = pt_clock_ref (clock);
  tickets->spent = g_hash_table_new_full (hash_hash, hash_equal, NULL, g_free);
  g_queue_init (&tickets->order);
  if (!pt_secret_open (&tickets->key, path, error) || !pt_secret_draw (&tickets->life, error))
    return NULL;
  return g_steal_pointer (&tickets);
}

void
pt_tickets_free (PtTickets *tickets)
{
  if (tickets == NULL)
    return;
  g_queue_clear (&tickets->order);
  g_hash_table_unref (tickets->spent);
  pt_clock_unref (tickets->clock);
  g_mutex_clear (&tickets->lock);
  OPENSSL_cleanse (tickets, sizeof *tickets);
  g_free (tickets);
}

gboolean
pt_tickets_draw (PtNumberIsTaken is_taken, gpointer data, char *out, GError **error)
{
  const guint32 many = PT_COMPLAINT_DRAWN_MAX - PT_COMPLAINT_DRAWN_MIN + 1;

  g_return_val_if_fail (is_taken != NULL && out != NULL, FALSE);

  for (guint i = 0; i < DRAWS_MAX; i++)
    {
      guint64 drawn;

      if (RAND_bytes ((guint8 *) &drawn, sizeof drawn) != 1)
        break;
      pt_complaint_number_make (PT_COMPLAINT_DRAWN_MIN + (guint32) (drawn % many), out);
      if (!is_taken (out, data))
        return TRUE;
    }
  g_set_error_literal (error, PT_ERROR, PT_ERROR_RETRY, "No number could be drawn.");
  return FALSE;
}

static gsize
ticket_write (const PtTicketWords *ticket, char *out, gsize out_size)
{
  int size = g_snprintf (
      out, out_size,
      "1\n%s\n%s\n%s\n%s\n%s\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%u\n%" G_GINT64_FORMAT,
      ticket->joins ? "join" : "file", ticket->area, ticket->complaint, ticket->category,
      ticket->site, ticket->lat, ticket->lon, ticket->bits, ticket->expires);

  return size > 0 && (gsize) size < out_size ? (gsize) size : 0;
}

static const PtSecret *
tickets_secret (const PtTickets *tickets, gboolean joins)
{
  return joins ? &tickets->life : &tickets->key;
}

char *
pt_tickets_issue (PtTickets *tickets, PtTicketWords *ticket, GError **error)
{
  char payload[PAYLOAD_MAX];
  char *text;
  gsize size;

  g_return_val_if_fail (tickets != NULL && ticket != NULL, NULL);

  ticket->expires = pt_clock_now (tickets->clock) + PT_TICKET_LIFE_MS;
  size = ticket_write (ticket, payload, sizeof payload - MAC_SIZE);
  if (size == 0)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_TOO_LARGE, "The place's names are too long.");
      return NULL;
    }
  pt_secret_mac (tickets_secret (tickets, ticket->joins), "ticket", pt_span (payload, size),
                 (PtHash *) (payload + size));
  size += MAC_SIZE;
  text = g_malloc0 (PT_BASE64URL_SIZE (size) + 1);
  pt_base64url_encode (payload, size, text, PT_BASE64URL_SIZE (size));
  return text;
}

/* The bytes that @text is, and how many; 0: it is no such text. */
static gsize
decode (PtSpan text, char payload[PAYLOAD_MAX + 1])
{
  gsize size = text.size / 4 * 3 + (text.size % 4 > 0 ? text.size % 4 - 1 : 0);

  if (text.size > PT_TICKET_TEXT_MAX || size <= MAC_SIZE || size > PAYLOAD_MAX
      || !pt_base64url_decode (text, payload, size))
    return 0;
  payload[size] = '\0';
  return size;
}

static gboolean
take_name (char *out, gsize out_size, const char *field)
{
  return g_strlcpy (out, field, out_size) < out_size;
}

/* It was written by us, so it is well-formed; only a newer version's may be otherwise. */
static gboolean
ticket_parse (const char *payload, PtTicketWords *out)
{
  g_auto (GStrv) fields = g_strsplit (payload, "\n", FIELDS + 1);

  if (g_strv_length (fields) != FIELDS || strcmp (fields[0], "1") != 0)
    return FALSE;
  out->joins = strcmp (fields[1], "join") == 0;
  out->lat = g_ascii_strtoll (fields[6], NULL, 10);
  out->lon = g_ascii_strtoll (fields[7], NULL, 10);
  out->bits = (guint) g_ascii_strtoull (fields[8], NULL, 10);
  out->expires = g_ascii_strtoll (fields[9], NULL, 10);
  return take_name (out->area, sizeof out->area, fields[2])
         && take_name (out->complaint, sizeof out->complaint, fields[3])
         && take_name (out->category, sizeof out->category, fields[4])
         && take_name (out->site, sizeof out->site, fields[5]);
}

static gboolean
tickets_verify (PtTickets *tickets, PtSpan text, PtTicketWords *out)
{
  char payload[PAYLOAD_MAX + 1];
  gsize size = decode (text, payload);
  PtHash mac, wanted;

  if (size == 0)
    return FALSE;
  size -= MAC_SIZE;
  memcpy (&mac, payload + size, sizeof mac);
  payload[size] = '\0';
  pt_secret_mac (tickets_secret (tickets, g_str_has_prefix (payload, "1\njoin\n")), "ticket",
                 pt_span (payload, size), &wanted);
  return CRYPTO_memcmp (&mac, &wanted, sizeof mac) == 0 && ticket_parse (payload, out);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, PT_ERROR, PT_ERROR_TICKET_EXPIRED, sentence);
  return FALSE;
}

gboolean
pt_tickets_read (PtTickets *tickets, PtSpan text, PtTicketWords *out, GError **error)
{
  g_return_val_if_fail (tickets != NULL && out != NULL, FALSE);

  memset (out, 0, sizeof *out);
  if (!tickets_verify (tickets, text, out))
    {
      memset (out, 0, sizeof *out);
      return refuse (error, "ticket: it is none that this daemon gave. Ask for a new one.");
    }
  return pt_clock_now (tickets->clock) < out->expires
         || refuse (error, "ticket: it has expired. Ask for a new one.");
}

static void
tickets_forget (PtTickets *tickets, gint64 now)
{
  for (Spent *oldest = g_queue_peek_head (&tickets->order);
       oldest != NULL && oldest->expires <= now; oldest = g_queue_peek_head (&tickets->order))
    {
      g_queue_pop_head (&tickets->order);
      g_hash_table_remove (tickets->spent, &oldest->ticket);
    }
}

static gboolean
tickets_spend_locked (PtTickets *tickets, const Spent *wanted, GError **error)
{
  Spent *found, *spent;

  tickets_forget (tickets, pt_clock_now (tickets->clock));
  found = g_hash_table_lookup (tickets->spent, &wanted->ticket);
  if (found != NULL && found->is_free)
    {
      found->digest = wanted->digest;
      found->is_free = FALSE;
      return TRUE;
    }
  if (found != NULL)
    return hash_equal (&found->digest, &wanted->digest)
           || refuse (error, "ticket: somebody joined with it. Ask for a new one.");
  if (tickets->order.length >= PT_TICKETS_SPENT_MAX)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_BUSY,
                           "Too many join just now. Send it again in a moment.");
      return FALSE;
    }
  spent = g_memdup2 (wanted, sizeof *wanted);
  g_hash_table_insert (tickets->spent, &spent->ticket, spent);
  g_queue_push_tail (&tickets->order, spent);
  return TRUE;
}

gboolean
pt_tickets_spend (PtTickets *tickets, PtSpan text, gint64 expires, const PtHash *digest,
                  GError **error)
{
  Spent wanted = { .expires = expires };
  gboolean is_spent;

  g_return_val_if_fail (tickets != NULL && digest != NULL, FALSE);

  pt_sha256 (text.data, text.size, &wanted.ticket);
  wanted.digest = *digest;
  g_mutex_lock (&tickets->lock);
  is_spent = tickets_spend_locked (tickets, &wanted, error);
  g_mutex_unlock (&tickets->lock);
  return is_spent;
}

void
pt_tickets_give_back (PtTickets *tickets, PtSpan text, const PtHash *digest)
{
  PtHash ticket;
  Spent *spent;

  g_return_if_fail (tickets != NULL && digest != NULL);

  pt_sha256 (text.data, text.size, &ticket);
  g_mutex_lock (&tickets->lock);
  spent = g_hash_table_lookup (tickets->spent, &ticket);
  if (spent != NULL && hash_equal (&spent->digest, digest))
    spent->is_free = TRUE;
  g_mutex_unlock (&tickets->lock);
}
