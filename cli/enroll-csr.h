/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "pt-csr.h"

/* Certificate signing requests of devices that made their keys themselves: a file, or all of a
 * folder whose names end in .csr, .pem, .der or .p10. */
typedef struct _PtEnrollCsrs PtEnrollCsrs;

#define PT_ENROLL_CSRS_MAX 200000

/* Reads and checks them all; an error names the file. */
PtEnrollCsrs *pt_enroll_csrs_read (const char *path, GError **error);
void pt_enroll_csrs_free (PtEnrollCsrs *csrs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PtEnrollCsrs, pt_enroll_csrs_free)

/* That of a device: the one that names its area too, else the one that names no area. NULL: none.
 */
const PtCsr *pt_enroll_csrs_find (PtEnrollCsrs *csrs, const char *area, const char *device);
/* How many were not found by anybody; *@file gets one of them. */
guint pt_enroll_csrs_unused (PtEnrollCsrs *csrs, const char **file);
