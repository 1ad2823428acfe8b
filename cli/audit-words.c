/* SPDX-License-Identifier: Apache-2.0 */
#include "audit-words.h"

#include "pt-findings.h"
#include "pt-i18n.h"
#include "pt-rule-words.h"
#include "pt-table.h"

/* The chain's events */

static char *
event_words (const PtAuditFinding *finding, const char *why)
{
  return g_strdup_printf (_ ("%s (block %" PRIu64 "); nothing after it was looked at"), why,
                          finding->block);
}

static char *
delay_words (const PtAuditFinding *finding)
{
  g_autofree char *delay = pt_format_duration (finding->delay);

  return g_strdup_printf (_ ("it was anchored %s after its window ended"), delay);
}

/* Files that can't be read */

static char *
unreadable (char *why)
{
  g_autofree char *owned = why;

  return g_strdup_printf (_ ("%s; the area's later batches can't be checked"), owned);
}

static char *
unreachable_words (const PtAuditFinding *finding)
{
  g_autofree char *why = finding->code == PT_AUDIT_BLOCK_REFUSED
                             ? g_strdup_printf (_ ("the gateway answered %u"), finding->status)
                             : g_strdup (finding->detail);
  char cid[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&finding->cid, cid);
  return unreadable (g_strdup_printf (_ ("block %s can't be fetched: %s"), cid, why));
}

static char *
other_words (const PtAuditFinding *finding)
{
  char cid[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (&finding->cid, cid);
  return unreadable (g_strdup_printf (_ ("the gateway's block is not what its CID %s names"), cid));
}

static char *
layout_words (const char *why)
{
  return unreadable (g_strdup_printf (_ ("the file's layout is not ours: %s"), why));
}

char *
pt_audit_words (const PtAuditFinding *finding)
{
  switch (finding->code)
    {
    case PT_AUDIT_RULE:
      return g_strdup (pt_rule_words (finding->rule));
    case PT_AUDIT_ENTRY_FORM:
      return g_strdup (pt_result_sentence (finding->result));
    case PT_AUDIT_AREA_EVENT_FORM:
      return g_strdup_printf (
          _ ("the AreaRegistered event in block %" PRIu64 " is not of the contract's form"),
          finding->block);
    case PT_AUDIT_AREA_TWICE:
      return g_strdup_printf (_ ("registered a second time in block %" PRIu64), finding->block);
    case PT_AUDIT_AREA_KEY:
      return g_strdup (_ ("a key registered on the chain is not a point on the curve"));
    case PT_AUDIT_EVENT_FORM:
      return event_words (
          finding, _ ("its Anchored event is not of the contract's form, or its CID not of ours"));
    case PT_AUDIT_EVENT_AREA:
      return event_words (finding, _ ("anchored for an area that is not registered"));
    case PT_AUDIT_EVENT_NUMBER:
      return event_words (finding, _ ("its number is not the next one on the chain"));
    case PT_AUDIT_EVENT_SIZE:
      return event_words (finding, _ ("the tree does not grow on the chain"));
    case PT_AUDIT_EVENT_FROM:
      return event_words (finding,
                          _ ("its window does not begin where the one before ended on the chain"));
    case PT_AUDIT_EVENT_WINDOW:
      return event_words (finding, _ ("its window is empty on the chain"));
    case PT_AUDIT_NOT_ALL_EVENTS:
      return g_strdup (_ ("the contract has it, and the endpoint told of no event of it; "
                          "ask another endpoint, and check --from-block"));
    case PT_AUDIT_OTHER_LATEST:
      return g_strdup (_ ("the endpoint's events and the contract's newest checkpoint differ; ask "
                          "another endpoint"));
    case PT_AUDIT_NO_BEGINNING:
      return g_strdup_printf (_ ("the contract is older than block %" PRIu64
                                 ", or its endpoint does not tell its beginning; check "
                                 "--from-block"),
                              finding->block);
    case PT_AUDIT_OTHER_CODE:
      return g_strdup (_ ("the code at the contract's address is none of PowerAnchor's that this "
                          "program knows; whether it keeps its rules was not checked"));
    case PT_AUDIT_OTHER_ENDPOINT:
      return g_strdup_printf (_ ("%s says something else than the first endpoint"),
                              finding->detail);
    case PT_AUDIT_NAMED_OTHER:
      return g_strdup_printf (
          _ ("its roster names block %" PRIu64 " by a hash that is not that block's"),
          finding->block);
    case PT_AUDIT_NAMED_LATE:
      return g_strdup_printf (_ ("its roster names block %" PRIu64
                                 ", which is not older than the one that anchored it"),
                              finding->block);
    case PT_AUDIT_DELAY:
      return delay_words (finding);
    case PT_AUDIT_FILE_AREA:
      return g_strdup (_ ("the file names another area"));
    case PT_AUDIT_FILE_NUMBER:
      return g_strdup (_ ("the file has another number than the chain"));
    case PT_AUDIT_FILE_SIZE:
      return g_strdup (_ ("the file's size is not the chain's"));
    case PT_AUDIT_FILE_WINDOW:
      return g_strdup (_ ("the file's window is not the chain's"));
    case PT_AUDIT_FILE_ROOT:
      return g_strdup (_ ("the root of the entries is not the chain's"));
    case PT_AUDIT_FILE_CID:
      return g_strdup (_ ("the CID of the bytes in our layout is not the chain's"));
    case PT_AUDIT_FILE_TOO_MANY:
      return g_strdup (_ ("the file holds more entries than the chain says"));
    case PT_AUDIT_GIVEN_UP:
      return g_strdup (_ ("given up; the area's later batches can't be checked"));
    case PT_AUDIT_FILE_FORM:
      return unreadable (g_strdup (pt_result_sentence (finding->result)));
    case PT_AUDIT_BLOCK_UNREACHABLE:
    case PT_AUDIT_BLOCK_REFUSED:
      return unreachable_words (finding);
    case PT_AUDIT_BLOCK_OTHER:
      return other_words (finding);
    case PT_AUDIT_LAYOUT_FORM:
      return layout_words (pt_result_slug (finding->result));
    case PT_AUDIT_LAYOUT_DEPTH:
      return layout_words (_ ("it is deeper than any file of ours"));
    case PT_AUDIT_LAYOUT_LEAF:
      return layout_words (_ ("a leaf's size is wrong"));
    case PT_AUDIT_LAYOUT_NODE:
      return layout_words (_ ("a node's size is wrong"));
    }
  g_return_val_if_reached (g_strdup (""));
}
