/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-complaint-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

const char *
pt_complaint_state_word (PtComplaintState state)
{
  switch (state)
    {
    case PT_COMPLAINT_OPEN:
      return _ ("open");
    case PT_COMPLAINT_ACKNOWLEDGED:
      return _ ("acknowledged");
    case PT_COMPLAINT_ASSIGNED:
      return _ ("assigned");
    case PT_COMPLAINT_RESOLVED:
      return _ ("resolved");
    case PT_COMPLAINT_REJECTING:
      return _ ("rejection asked for");
    case PT_COMPLAINT_REJECTED:
      return _ ("rejected");
    case PT_COMPLAINT_DUPLICATE:
      return _ ("duplicate");
    case PT_COMPLAINT_CONFIRMED:
      return _ ("confirmed");
    case PT_COMPLAINT_WITHDRAWN:
      return _ ("withdrawn");
    case PT_COMPLAINT_NONE:
    case PT_COMPLAINT_STATE_COUNT:
      break;
    }
  return _ ("unknown");
}

const char *
pt_complaint_act_word (PtAction action)
{
  switch (action)
    {
    case PT_ACTION_FILE:
      return _ ("File");
    case PT_ACTION_ACKNOWLEDGE:
      return _ ("Acknowledge");
    case PT_ACTION_ASSIGN:
      return _ ("Assign");
    case PT_ACTION_RESOLVE:
      return _ ("Resolve");
    case PT_ACTION_UNRESOLVE:
      return _ ("Open again");
    case PT_ACTION_REJECT:
      return _ ("Reject");
    case PT_ACTION_REOPEN:
      return _ ("Reopen");
    case PT_ACTION_COMMENT:
      return _ ("Comment");
    case PT_ACTION_JOIN:
      return _ ("Join");
    case PT_ACTION_APPROVE:
      return _ ("Approve the rejection");
    case PT_ACTION_DUPLICATE:
      return _ ("Duplicate of");
    case PT_ACTION_CONFIRM:
      return _ ("Confirm");
    case PT_ACTION_WITHDRAW:
      return _ ("Withdraw");
    case PT_ACTION_COUNT:
      break;
    }
  return "";
}

const char *
pt_complaint_done_word (PtAction action)
{
  switch (action)
    {
    case PT_ACTION_FILE:
      return _ ("Filed");
    case PT_ACTION_ACKNOWLEDGE:
      return _ ("Acknowledged");
    case PT_ACTION_ASSIGN:
      return _ ("Assigned");
    case PT_ACTION_RESOLVE:
      return _ ("Resolved");
    case PT_ACTION_UNRESOLVE:
      return _ ("Opened again");
    case PT_ACTION_REJECT:
      return _ ("Rejected");
    case PT_ACTION_REOPEN:
      return _ ("Reopened");
    case PT_ACTION_COMMENT:
      return _ ("Comment");
    case PT_ACTION_JOIN:
      return _ ("Joined");
    case PT_ACTION_APPROVE:
      return _ ("Rejection approved");
    case PT_ACTION_DUPLICATE:
      return _ ("Called a duplicate");
    case PT_ACTION_CONFIRM:
      return _ ("Confirmed");
    case PT_ACTION_WITHDRAW:
      return _ ("Withdrawn");
    case PT_ACTION_COUNT:
      break;
    }
  return "";
}

const char *
pt_complaint_evidence_word (PtEvidence evidence, PtAftermath later)
{
  switch (later)
    {
    case PT_AFTERMATH_FELL_AGAIN:
      return _ ("went off again soon after");
    case PT_AFTERMATH_HELD:
      return _ ("the devices say that it holds");
    case PT_AFTERMATH_PENDING:
    case PT_AFTERMATH_NONE:
      break;
    }
  switch (evidence)
    {
    case PT_EVIDENCE_CONTRADICTED:
      return _ ("against the evidence: the device said off");
    case PT_EVIDENCE_SUPPORTED:
      return _ ("the devices say on");
    case PT_EVIDENCE_UNSUPPORTED:
      return _ ("no device supports it");
    case PT_EVIDENCE_NONE:
      break;
    }
  return "";
}

const char *
pt_complaint_closed_word (PtClosed closed)
{
  switch (closed)
    {
    case PT_CLOSED_CITIZEN:
      return _ ("confirmed by the citizen");
    case PT_CLOSED_DEVICES:
      return _ ("confirmed by the devices");
    case PT_CLOSED_UNCONFIRMED:
      return _ ("not confirmed");
    case PT_CLOSED_AGAINST:
      return _ ("against the evidence");
    case PT_CLOSED_NONE:
    case PT_CLOSED_COUNT:
      break;
    }
  return "";
}

const char *
pt_complaint_role_word (PtRole role)
{
  switch (role)
    {
    case PT_ROLE_OPERATOR:
      return _ ("operator");
    case PT_ROLE_OFFICER:
      return _ ("officer");
    case PT_ROLE_AUDITOR:
      break;
    }
  return _ ("auditor");
}

const char *const *
pt_complaint_note_templates (PtAction action)
{
  static const char *const resolve[] = { N_ ("Fuse replaced"), N_ ("Line repaired"),
                                         N_ ("Transformer replaced"), N_ ("Tree removed"), NULL };
  static const char *const acknowledge[]
      = { N_ ("Crew called"), N_ ("Known: part of a larger outage"), NULL };
  static const char *const reject[]
      = { N_ ("Supply was never off"), N_ ("Fault in the house, not in the network"),
          N_ ("Not our area"), NULL };
  static const char *const unresolve[]
      = { N_ ("Not repaired after all"), N_ ("Closed by mistake"), NULL };
  static const char *const none[] = { NULL };

  if (action == PT_ACTION_RESOLVE)
    return resolve;
  if (action == PT_ACTION_ACKNOWLEDGE || action == PT_ACTION_ASSIGN)
    return acknowledge;
  if (action == PT_ACTION_REJECT)
    return reject;
  return action == PT_ACTION_UNRESOLVE ? unresolve : none;
}

char *
pt_complaint_erase_note (gint64 n, const char *reason)
{
  g_return_val_if_fail (reason != NULL, NULL);
  return g_strdup_printf ("The private part of step %" G_GINT64_FORMAT " is erased: %s", n, reason);
}

const char *
pt_complaint_erase_reason (const char *note, gint64 n)
{
  g_autofree char *begin = pt_complaint_erase_note (n, "");

  g_return_val_if_fail (note != NULL, NULL);
  return g_str_has_prefix (note, begin) ? note + strlen (begin) : NULL;
}

gboolean
pt_complaint_needs_note (PtAction action)
{
  return action == PT_ACTION_RESOLVE || action == PT_ACTION_UNRESOLVE || action == PT_ACTION_REJECT
         || action == PT_ACTION_DUPLICATE;
}
