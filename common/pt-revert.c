/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-revert.h"

#include <string.h>

#include "pt-abi.h"
#include "pt-ethereum-key.h"

#define SELECTOR_SIZE 4
#define WORD 32

/* The contract's errors, by the first four bytes of their signatures' hash. */

typedef struct
{
  const char *signature;
  const char *meaning;
  const char *number; /* what the word after the area is, or the first where there is none */
} NamedError;

static const NamedError named_errors[] = {
  { "NotOwner()", "the account is not the contract's owner", NULL },
  { "NotPendingOwner()", "the ownership was not offered to the account", NULL },
  { "NotOperator(bytes32)", "the account is not the area's operator", NULL },
  { "NotWitness()", "the account is not a registered witness", NULL },
  { "BadArea()", "the area's id is not valid", NULL },
  { "BadKey()", "a key is not an uncompressed point", NULL },
  { "BadAddress()", "the zero address is not allowed", NULL },
  { "AreaExists(bytes32)", "the area is registered already", NULL },
  { "UnknownArea(bytes32)", "the area is not registered", NULL },
  { "NothingToAnchor()", "there is no checkpoint in the call", NULL },
  { "WrongBatch(bytes32,uint64)", "the batch does not follow the newest", "expected batch" },
  { "WrongSize(bytes32,uint64)", "the tree does not grow, or by too much", "the newest size is" },
  { "WrongFrom(bytes32,uint64)", "the window does not follow the newest", "expected from" },
  { "WrongWindow(bytes32,uint64)", "the window is empty or ends in the future",
    "the latest end allowed is" },
  { "WrongRoot(bytes32)", "the root is zero or not the anchored one", NULL },
  { "WrongCid(bytes32)", "the CID is empty or too long", NULL },
  { "IsPaused(bytes32)", "the area is paused", NULL },
  { "NotPeriodOperator()", "the account is not the operator of period mode", NULL },
  { "WrongPeriod(uint64)", "the period does not follow the newest", "expected period" },
  { "BadPeriod()", "the period has no root, no checkpoint or no CID, or is not the anchored one",
    NULL },
  { "WrongProof(bytes32)", "the checkpoint is not where it is said to stand", NULL },
  { "NoConflict(bytes32)", "both checkpoints can be true", NULL },
  { "NoPrecompile()", "the chain can't verify P-256 signatures (EIP-7951)", NULL },
};

static gboolean
selector_is (const guint8 *data, const char *signature)
{
  PtHash hash;

  pt_keccak256 (pt_keccak_permutation_nettle, signature, strlen (signature), &hash);
  return memcmp (hash.bytes, data, SELECTOR_SIZE) == 0;
}

static guint64
read_word (const guint8 *word)
{
  guint64 value = 0;

  for (gsize i = WORD - 8; i < WORD; i++)
    value = value << 8 | word[i];
  return value;
}

static char *
describe_named (const NamedError *named, const guint8 *arguments, gsize size)
{
  GString *text = g_string_new (NULL);
  gboolean has_area = strstr (named->signature, "(bytes32") != NULL;
  gsize number = has_area ? WORD : 0;
  char area[PT_AREA_MAX + 1];

  g_string_append_len (text, named->signature, strcspn (named->signature, "("));
  g_string_append_printf (text, ": %s", named->meaning);
  if (has_area && (size < WORD || !pt_abi_area_parse (arguments, area)))
    return g_string_free (text, FALSE);
  if (has_area)
    g_string_append_printf (text, " (area %s", area);
  if (named->number != NULL && size >= number + WORD)
    g_string_append_printf (text, "%s%s %" G_GUINT64_FORMAT, has_area ? ", " : " (", named->number,
                            read_word (arguments + number));
  if (has_area || (named->number != NULL && size >= number + WORD))
    g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

char *
pt_revert_describe (GBytes *data)
{
  gsize size;
  const guint8 *bytes = data != NULL ? g_bytes_get_data (data, &size) : NULL;

  if (bytes == NULL || size < SELECTOR_SIZE)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (named_errors); i++)
    if (selector_is (bytes, named_errors[i].signature))
      return describe_named (&named_errors[i], bytes + SELECTOR_SIZE, size - SELECTOR_SIZE);
  return NULL;
}
