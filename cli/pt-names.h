/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-base.h"

/* A hash table from identifiers to the caller's records, without GLib. Only grows. */

typedef struct
{
  char *key; /* owned, NUL-terminated; NULL: empty */
  void *value;
} PtNamesSlot;

typedef struct
{
  PtNamesSlot *slots;
  size_t capacity, count;
} PtNames;

/* The record of @key, or NULL. */
void *pt_names_get (const PtNames *names, PtSpan key);

/* Puts @value under @key, which must not be there yet; false when memory is short. */
bool pt_names_put (PtNames *names, PtSpan key, void *value);

/* Frees the table and each record with @free_value. */
void pt_names_clear (PtNames *names, void (*free_value) (void *));
