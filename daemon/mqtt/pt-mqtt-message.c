/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-mqtt-message.h"

#include "pt-kind.h"

struct _PtMqttInbox
{
  GMutex lock;
  GQueue messages; /* no more than the mouth lets be on their way */
  GSource *wake;   /* NULL: closed */
};

/* The inbox */

static gboolean
wake_dispatch (GSource *source, GSourceFunc func, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return func (user_data);
}

PtMqttInbox *
pt_mqtt_inbox_new (GMainContext *context, GSourceFunc came, gpointer user_data)
{
  static GSourceFuncs funcs = { .dispatch = wake_dispatch };
  PtMqttInbox *inbox;

  g_return_val_if_fail (context != NULL && came != NULL, NULL);

  inbox = g_atomic_rc_box_new0 (PtMqttInbox);
  g_mutex_init (&inbox->lock);
  g_queue_init (&inbox->messages);
  inbox->wake = g_source_new (&funcs, sizeof (GSource));
  g_source_set_callback (inbox->wake, came, user_data, NULL);
  g_source_attach (inbox->wake, context);
  return inbox;
}

static void
inbox_clear (gpointer data)
{
  PtMqttInbox *inbox = data;

  g_mutex_clear (&inbox->lock);
}

static void
inbox_unref (PtMqttInbox *inbox)
{
  g_atomic_rc_box_release_full (inbox, inbox_clear);
}

void
pt_mqtt_inbox_close (PtMqttInbox *inbox)
{
  GQueue left;

  g_return_if_fail (inbox != NULL);

  g_mutex_lock (&inbox->lock);
  g_source_destroy (inbox->wake);
  g_clear_pointer (&inbox->wake, g_source_unref);
  left = inbox->messages;
  g_queue_init (&inbox->messages);
  g_mutex_unlock (&inbox->lock);
  g_queue_clear_full (&left, (GDestroyNotify) pt_mqtt_message_free);
  inbox_unref (inbox);
}

/* Any thread. Takes the message. */
static void
inbox_push (PtMqttInbox *inbox, PtMqttMessage *message)
{
  gboolean is_open;

  g_mutex_lock (&inbox->lock);
  is_open = inbox->wake != NULL;
  if (is_open)
    {
      g_queue_push_tail (&inbox->messages, message);
      g_source_set_ready_time (inbox->wake, 0);
    }
  g_mutex_unlock (&inbox->lock);
  if (!is_open)
    pt_mqtt_message_free (message);
}

void
pt_mqtt_inbox_wake (PtMqttInbox *inbox)
{
  g_return_if_fail (inbox != NULL);

  g_mutex_lock (&inbox->lock);
  if (inbox->wake != NULL)
    g_source_set_ready_time (inbox->wake, 0);
  g_mutex_unlock (&inbox->lock);
}

PtMqttMessage *
pt_mqtt_inbox_pop (PtMqttInbox *inbox)
{
  PtMqttMessage *message;

  g_return_val_if_fail (inbox != NULL, NULL);

  g_mutex_lock (&inbox->lock);
  message = g_queue_pop_head (&inbox->messages);
  g_mutex_unlock (&inbox->lock);
  return message;
}

/* Messages */

PtMqttMessage *
pt_mqtt_message_new (PtMqttInbox *inbox, const PtMqttTopic *topic, gconstpointer payload,
                     gsize size)
{
  PtMqttMessage *message;

  g_return_val_if_fail (inbox != NULL && topic != NULL, NULL);

  message = g_new0 (PtMqttMessage, 1);
  message->inbox = g_atomic_rc_box_acquire (inbox);
  message->topic = *topic;
  message->payload = g_bytes_new (payload, size);
  return message;
}

void
pt_mqtt_message_free (PtMqttMessage *message)
{
  if (message == NULL)
    return;
  g_clear_pointer (&message->submission, pt_submission_free);
  g_bytes_unref (message->payload);
  inbox_unref (message->inbox);
  g_free (message);
}

/* On the committer's thread. */
static void
message_done (PtSubmission *submission, gpointer user_data)
{
  PtMqttMessage *message = user_data;

  message->submission = submission;
  inbox_push (message->inbox, message);
}

static PtPeer
message_peer (PtMqttMessage *message)
{
  return (PtPeer){ .transport = PT_TRANSPORT_MQTT,
                   .area = message->topic.area,
                   .device = message->topic.device };
}

static PtSubmission *
message_read (PtMqttMessage *message, const PtIntakeDevices *devices, GError **error)
{
  PtMqttTopic *topic = &message->topic;
  PtPeer peer = message_peer (message);
  g_autoptr (GBytes) body = NULL;
  PtSubmission *submission;
  gsize size;
  const char *data = g_bytes_get_data (message->payload, &size);

  if (size > 0 && data[0] == '{')
    body = g_bytes_ref (message->payload);
  else
    body = pt_intake_device_expand (devices, topic->area, topic->device, pt_span (data, size),
                                    error);
  if (body == NULL)
    return NULL;
  submission = pt_submission_new (&pt_kind_report, body, TRUE, message_done, message, error);
  if (submission == NULL)
    return NULL;
  pt_submission_set_peer (submission, &peer);
  if (topic->asked == PT_MQTT_RECEIPT)
    pt_submission_want (submission, PT_WANT_RECEIPTS);
  return submission;
}

gboolean
pt_mqtt_message_take (PtMqttMessage *message, const PtIntakeDevices *devices, GError **error)
{
  PtSubmission *submission;

  g_return_val_if_fail (message != NULL && devices != NULL, FALSE);

  if (!pt_intake_may_take (devices->intake, NULL))
    return FALSE;
  submission = message_read (message, devices, error);
  if (submission == NULL)
    return FALSE;
  if (pt_intake_take (devices->intake, submission))
    return TRUE;
  pt_submission_free (submission);
  return FALSE;
}

void
pt_mqtt_message_refused (PtMqttMessage *message, const PtIntakeDevices *devices,
                         const GError *error)
{
  PtPeer peer;
  const char *data;
  gsize size;

  g_return_if_fail (message != NULL && devices != NULL && error != NULL);

  peer = message_peer (message);
  data = g_bytes_get_data (message->payload, &size);
  pt_intake_device_refused (devices, &peer, pt_span (data, size),
                            error->domain == PT_ERROR ? (PtErrorCode) error->code
                                                      : PT_ERROR_FAILED);
}
