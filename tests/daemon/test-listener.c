/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-listener.h"

#include <string.h>

#include "common/pt-test.h"

/* Who counts as one client. */
static void
test_names (void)
{
  static const char *const proxies[] = { "127.0.0.1", "2001:db8::1", NULL };
  static const struct
  {
    const char *address, *name;
  } rows[] = { { "192.0.2.7", "192.0.2.7" },
               { "::ffff:192.0.2.7", "192.0.2.7" },
               { "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64" },
               { "2001:db8:1:2:9:9:9:9", "2001:0db8:0001:0002::/64" },
               { "::1", "0000:0000:0000:0000::/64" },
               { "127.0.0.1", NULL },
               { "::ffff:127.0.0.1", NULL },
               { "2001:db8::1", NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GSocketAddress) address
          = g_inet_socket_address_new_from_string (rows[i].address, 1);
      g_autofree char *name = pt_client_name (address, proxies);

      g_assert_cmpstr (name, ==, rows[i].name);
    }
}

/* A listener that gives nothing to libsoup: its connections wait. */
typedef struct
{
  PtBudget *places;
  PtListen *listen;
  PtListener *listener;
  GSocketAddress *address;
  GPtrArray *opened; /* in the order in which they came; kept */
} Fixture;

static void
note_opened (PtConnection *connection, gpointer data)
{
  Fixture *fixture = data;

  g_ptr_array_add (fixture->opened, g_object_ref (connection));
}

static gboolean
is_tight (gpointer data)
{
  return FALSE;
}

static void
set_up (Fixture *fixture, gsize most, gsize each, const char *proxies)
{
  const PtListenOptions rules = {
    .section = "http", .address = "127.0.0.1:0", .serves = PT_SERVES_ALL, .proxies = proxies
  };
  g_autoptr (GError) error = NULL;
  PtListenerOptions options = { .opened = note_opened, .is_tight = is_tight };

  fixture->places = options.places = pt_budget_new (most, each);
  fixture->opened = g_ptr_array_new_with_free_func (g_object_unref);
  options.data = fixture;
  fixture->listener = pt_listener_new (&options);
  fixture->listen = pt_listen_new (&rules, &error);
  g_assert_no_error (error);
  fixture->address = pt_listener_listen (fixture->listener, fixture->listen,
                                         fixture->listen->addresses->pdata[0], &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture)
{
  pt_listener_free (fixture->listener);
  pt_listen_free (fixture->listen);
  g_object_unref (fixture->address);
  g_ptr_array_unref (fixture->opened);
  g_assert_cmpuint (pt_budget_taken (fixture->places), ==, 0);
  pt_budget_free (fixture->places);
}

static GSocket *
call (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_connect (socket, fixture->address, NULL, &error);
  g_assert_no_error (error);
  return socket;
}

static void
wait_for_opened (Fixture *fixture, guint count)
{
  PT_TEST_WAIT_FOR (fixture->opened->len == count, "connections");
}

/* Who waits for longest makes room, and no more than that. */
static void
check_bound (gsize most, gsize each)
{
  Fixture fixture;
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  set_up (&fixture, most, each, NULL);
  for (guint i = 1; i <= 5; i++)
    {
      g_ptr_array_add (clients, call (&fixture));
      wait_for_opened (&fixture, i);
      g_assert_cmpuint (pt_budget_taken (fixture.places), ==, MIN (i, 3));
    }
  for (guint i = 0; i < 5; i++)
    {
      char byte;
      gssize size;

      g_socket_set_blocking (clients->pdata[i], i < 2);
      size = g_socket_receive (clients->pdata[i], &byte, 1, NULL, NULL);
      g_assert_cmpint (size, ==, i < 2 ? 0 : -1); /* ended, or waits */
    }
  tear_down (&fixture);
}

static void
test_bound (void)
{
  check_bound (3, 0);
  check_bound (100, 3);
}

static void
test_proxy (void)
{
  Fixture fixture;
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  set_up (&fixture, 100, 3, "127.0.0.1");
  for (guint i = 1; i <= 5; i++)
    {
      g_ptr_array_add (clients, call (&fixture));
      wait_for_opened (&fixture, i);
    }
  g_assert_cmpuint (pt_budget_taken (fixture.places), ==, 5);
  tear_down (&fixture);
}

static void
test_room (void)
{
  g_assert_cmpuint (pt_listener_room (), >=, 8);
  pt_listener_raise_limit ();
  g_assert_cmpuint (pt_listener_room (), >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listener/names", test_names);
  g_test_add_func ("/listener/bound", test_bound);
  g_test_add_func ("/listener/proxy", test_proxy);
  g_test_add_func ("/listener/room", test_room);
  return g_test_run ();
}
