/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-live.h"

/* What the broker keeps of every site (retained): its newest state, told when it changes; all of
 * them at the start and to a broker that has lost its memory. Of a site that changed again before
 * it was told only the newest counts, so there is never more to tell than there are sites. */
typedef struct _PtMqttStatus PtMqttStatus;

/* @waits: on the main loop, there is something to tell. Main loop, as is its end. */
PtMqttStatus *pt_mqtt_status_new (PtLive *live, PtNews *news, void (*waits) (gpointer data),
                                  gpointer data);
void pt_mqtt_status_free (PtMqttStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtMqttStatus, pt_mqtt_status_free)

/* All others on the thread of whoever tells the broker. */

/* All sites are to be told. */
void pt_mqtt_status_tell_all (PtMqttStatus *status);
/* What is told next; FALSE: nothing is, or much is on its way that the broker has to say it has. */
gboolean pt_mqtt_status_next (PtMqttStatus *status, char **topic, char **text);
/* It is on its way under this number, 0: it is not, and is told later. Takes both. */
void pt_mqtt_status_sent (PtMqttStatus *status, int number, char *topic, char *text);
/* The broker has it; FALSE: that was none of these. */
gboolean pt_mqtt_status_confirmed (PtMqttStatus *status, int number);
/* What was on its way is told again. */
void pt_mqtt_status_lost (PtMqttStatus *status);

/* Canonical JSON; for the test. */
char *pt_mqtt_status_text (const PtSite *site);
