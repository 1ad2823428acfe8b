/* SPDX-License-Identifier: Apache-2.0 */
typedef int pt_records_unused;
