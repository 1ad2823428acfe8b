/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

/* Clients' numeric addresses, and which of them are one client. */

/* The part of @text that is an IPv4 address, where it came through a socket of IPv6
 * ("::ffff:192.0.2.7"); else @text. */
const char *pt_address_plain (const char *text);
/* Of IPv4 where it is one, see above. NULL: it is no address of the internet. Free it. */
char *pt_address_text (GSocketAddress *address);
/* The name under which a client's share is counted: an IPv4 address, or the 64 bits of an IPv6 one
 * that a site is given; @text itself where it is neither. Free it. */
char *pt_address_network (const char *text);
