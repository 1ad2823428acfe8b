/* SPDX-License-Identifier: Apache-2.0 */
typedef int pt_event_reader_unused;
