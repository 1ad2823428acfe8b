/* SPDX-License-Identifier: Apache-2.0 */
typedef int pt_map_view_unused;
