/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

/* A profile as somebody wrote it, laid out as she likes, into the one form that is signed; and what
 * is wrong with it, with where. */

typedef struct
{
  char *where;               /* "categories[2].evidence"; "" for the whole */
  char *what;                /* translated */
  gboolean is_contradiction; /* its form is right, but not all of it can be meant */
} PtProfileProblem;

void pt_profile_problem_free (PtProfileProblem *problem);

/* The canonical document, or NULL where its form is wrong. *@problems: PtProfileProblem, in the
 * order of the document. */
char *pt_profile_read (const char *text, gsize size, GPtrArray **problems);

/* "FILE: where: what" a line, on standard error. */
void pt_profile_problems_print (const char *path, GPtrArray *problems);
