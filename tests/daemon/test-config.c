/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "pt-error.h"

static char *path;

static PtConfig *
load (const char *text, GError **error)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return pt_config_load (path, error);
}

static PtConfig *
load_well (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtConfig *config = load (text, &error);

  g_assert_no_error (error);
  return config;
}

/* The documentation's section/key pairs, those of comments like "#speed=1" too. */
static GHashTable *
documented_keys (char **text)
{
  g_autofree char *file
      = g_build_filename (g_getenv ("PT_SOURCE_DIR"), "data", "powertrackd.conf", NULL);
  g_autoptr (GRegex) key = g_regex_new ("^#?([a-z][a-z0-9_]*)=", 0, 0, NULL);
  g_autofree char *section = NULL;
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (file, text, NULL, NULL));
  lines = g_strsplit (*text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      const char *group = lines[i] + strspn (lines[i], "#");

      if (group[0] == '[') /* of "listen NAME" the first word */
        {
          g_free (section);
          section = g_strndup (group + 1, strcspn (group + 1, " ]"));
        }
      if (!g_regex_match (key, lines[i], 0, &match))
        continue;
      g_assert_nonnull (section);
      {
        g_autofree char *name = g_match_info_fetch (match, 1);

        g_assert_true (g_hash_table_add (keys, g_strconcat (section, "/", name, NULL)));
      }
    }
  return keys;
}

static void
test_documented (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GHashTable) documented = documented_keys (&text);
  g_auto (GStrv) keys = pt_config_keys ();
  g_autoptr (PtConfig) config = NULL;

  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_hash_table_remove (documented, keys[i]))
      g_error ("%s is not in data/powertrackd.conf", keys[i]);
  g_assert_cmpuint (g_hash_table_size (documented), ==, 0);
  config = load_well (text); /* and the example works as it stands */
  g_assert_cmpstr (config->state_dir, ==, "/var/lib/powertrack");
}

/* What the documentation says are defaults are the defaults. */
static void
test_defaults (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GHashTable) documented = documented_keys (&text);
  g_autoptr (PtConfig) example = load_well (text);
  g_autoptr (PtConfig) least = load_well ("[daemon]\nstate_dir=/var/lib/powertrack\n");

  g_assert_cmpstr (example->service_key, ==, least->service_key);
  g_assert_cmpstr (least->service_key, ==, "/var/lib/powertrack/service.pem");
  g_assert_cmpstr (example->listen, ==, least->listen);
  g_assert_null (least->certificate);
  g_assert_null (least->key);
  g_assert_cmpint (example->connections, ==, least->connections);
  g_assert_cmpint (example->connections_each, ==, least->connections_each);
  g_assert_cmpint (example->streams, ==, least->streams);
  g_assert_cmpint (example->streams_each, ==, least->streams_each);
  g_assert_cmpint (example->bodies, ==, least->bodies);
  g_assert_cmpint (example->answers, ==, least->answers);
  g_assert_cmpstr (example->proxies, ==, least->proxies);
  g_assert_cmpint (least->connections, ==, 4096);
  g_assert_cmpint (least->connections_each, ==, 256);
  g_assert_cmpint (example->clock_source, ==, least->clock_source);
  g_assert_cmpfloat (least->speed, ==, 1.0);
  g_assert_cmpint (example->period_ms, ==, least->period_ms);
  g_assert_cmpint (least->period_ms, ==, 15 * 60 * 1000);
  g_assert_cmpint (example->queue_lines, ==, least->queue_lines);
  g_assert_cmpint (example->workers, ==, least->workers);
  g_assert_cmpint (example->confirmations, ==, least->confirmations);
  g_assert_cmpint (example->bump_after_s, ==, least->bump_after_s);
  g_assert_cmpint (example->poll_ms, ==, least->poll_ms);
  g_assert_cmpint (example->max_fee, ==, least->max_fee);
  g_assert_cmpint (least->max_fee, ==, G_GINT64_CONSTANT (200000000000)); /* wei */
  g_assert_cmpint (example->max_tip, ==, least->max_tip);
  g_assert_cmpint (least->max_tip, ==, G_GINT64_CONSTANT (3000000000));
  g_assert_cmpint (example->max_cost, ==, least->max_cost);
  g_assert_cmpint (least->max_cost, ==, 1000000000); /* gwei */
  g_assert_cmpint (example->silent_after_ms, ==, least->silent_after_ms);
  g_assert_cmpstr (example->bus, ==, least->bus);
  g_assert_null (least->rpc);
}

#define BASE "[daemon]\nstate_dir=state\n"
#define CONTRACT "0x5FbDB2315678afecb367f032d93F642f64180aa3"
#define CHAIN                                                                                      \
  "[chain]\nrpc=http://127.0.0.1:1\ncontract=" CONTRACT                                            \
  "\nchain_id=31337\nkeystore=k.json\npassword_file=p\n"

static void
test_values (void)
{
  g_autoptr (PtConfig) config
      = load_well (BASE "service_key = keys/s.pem \n[clock]\nsource=scaled\norigin_ms=5\n"
                        "started_ms=6\nspeed=2.5\n[batch]\nperiod=90s\n[dbus]\nbus=session\n" CHAIN
                        "confirmations=1\nmax_fee=0.5\nmax_tip=12.000000001\nmax_cost=0.05\n[live]"
                        "\nsilent_after=1d\n");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *state = g_build_filename (folder, "state", NULL);
  g_autofree char *key = g_build_filename (folder, "keys/s.pem", NULL);
  g_autoptr (PtClock) clock = pt_config_clock (config);

  g_assert_cmpstr (config->state_dir, ==, state);
  g_assert_cmpstr (config->service_key, ==, key);
  g_assert_cmpfloat (pt_clock_speed (clock), ==, 2.5);
  g_assert_cmpint (config->period_ms, ==, 90000);
  g_assert_cmpint (config->silent_after_ms, ==, G_GINT64_CONSTANT (86400000));
  g_assert_cmpint (config->contract[0], ==, 0x5f);
  g_assert_cmpint (config->contract[19], ==, 0xa3);
  g_assert_cmpint (config->chain_id, ==, 31337);
  g_assert_cmpint (config->max_fee, ==, 500000000);
  g_assert_cmpint (config->max_tip, ==, G_GINT64_CONSTANT (12000000001));
  g_assert_cmpint (config->max_cost, ==, 50000000);
  g_assert_cmpstr (config->bus, ==, "session");
}

static void
test_map_and_page (void)
{
  g_autoptr (PtConfig) none = load_well (BASE "[map]\nlight=\n[page]\ndir=\n");
  g_autoptr (PtConfig) some = load_well (
      BASE "[chain]\npublic_rpc=https://a.example/key;http://[::1]:8545 ; http://b.example:1\n"
           "[map]\nlight=maps/l.mbtiles\ndark=https://a.example/{z}/{x}/{y}.png\n[page]\ndir=p\n");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *map = g_build_filename (folder, "maps/l.mbtiles", NULL);
  g_autofree char *page = g_build_filename (folder, "p", NULL);

  g_assert_null (none->map_light);
  g_assert_null (none->map_dark);
  g_assert_null (none->page_dir);
  g_assert_null (none->public_rpc);
  g_assert_cmpstr (some->map_light, ==, map);
  g_assert_cmpstr (some->page_dir, ==, page);
  g_assert_nonnull (some->public_rpc);
}

/* Every refusal names the file, the line where there is one, and what to do. */
static void
test_refusals (void)
{
  static const struct
  {
    const char *text;
    guint line; /* 0: none */
    const char *words;
  } rows[] = {
    { "", 0, "state_dir" },
    { "[daemon]\n", 0, "state_dir" },
    { "nonsense\n", 0, "Lines are" },
    { BASE "[http]\nport=1\n", 4, "no option port" },
    { BASE "[http]\ncertificate=c.pem\n", 4, "Add key in [http]" },
    { BASE "[store]\naddress=postgres://here\n", 4, "no connection string" },
    { BASE "[store]\naddress=mongodb://\n", 4, "no connection string" },
    { BASE "[store]\naddress=mongodb://u:s3cret@here/x\n", 4, "A password does not belong here" },
    { BASE "[store]\naddress=mongodb://u:s3cret@here@there/x\n", 4, "password" },
    { BASE "[store]\npassword_file=p\n", 4, "SQLite has no password" },
    { BASE "[http]\nkey=k.pem\n", 4, "Add certificate in [http]" },
    { BASE "# a comment\n\n[htpp]\nlisten=x:1\n", 5, "no section [htpp]" },
    { BASE "[batch]\nperiod=0s\n", 4, "period is \"0s\"" },
    { BASE "[batch]\nperiod=2d\n", 4, "15min" },
    { BASE "[batch]\nperiod=15\n", 4, "15min" },
    { BASE "[batch]\n\nperiod = soon\n", 5, "soon" },
    { BASE "[intake]\nqueue_lines=0\n", 4, "from 1 to" },
    { BASE "[intake]\nworkers=-1\n", 4, "from 0 to" },
    { BASE "[intake]\nworkers=two\n", 4, "whole number" },
    { BASE "[http]\nproxies=localhost\n", 4, "numeric addresses" },
    { BASE "[http]\nconnections=0\n", 4, "from 8" },
    { BASE "[listen]\naddress=127.0.0.1:1\n", 3, "no section [listen]" },
    { BASE "[listen a]\nserves=public\n", 0, "address" },
    { BASE "[listen a]\naddress=\n", 4, "address is empty" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nport=1\n", 5, "[listen a] has no option port" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nserves=all\n", 5, "public, devices and" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nserves=\n", 5, "public, devices and" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nkey=k.pem\n", 3, "Add certificate in [listen a]" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nclient_certificates=maybe\n", 5, "required" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nclient_certificates=required\n", 5, "client_ca" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nclient_ca=c.pem\n", 5, "Nobody is asked" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nproxies=localhost\n", 5, "numeric addresses" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nproxy_protocol=1\n", 5, "yes or no" },
    { BASE "[listen a]\naddress=127.0.0.1:1\nhsts=-1\n", 5, "from 0 to 3650" },
    { BASE "[http]\nlisten=127.0.0.1:1\n[listen a]\naddress=127.0.0.1:1\n", 4, "Remove listen" },
    { BASE "[clock]\nsource=sun\n", 4, "real, scaled or stepped" },
    { BASE "[clock]\nsource=scaled\n", 4, "origin_ms" },
    { BASE "[clock]\nspeed=10\n", 4, "scaled" },
    { BASE "[clock]\nsource=stepped\n", 4, "origin_ms" },
    { BASE "[clock]\nsource=stepped\norigin_ms=1\nspeed=10\n", 6, "Only a scaled" },
    { BASE "[clock]\nsource=scaled\norigin_ms=1\nstarted_ms=1\nspeed=0.5\n", 7, "1 to 100000" },
    { BASE "[clock]\nsource=scaled\norigin_ms=1\nstarted_ms=1\nspeed=nan\n", 7, "1 to 100000" },
    { BASE "[dbus]\nbus=school\n", 4, "none, session or system" },
    { BASE "[chain]\nrpc=http://127.0.0.1:1\n", 4, "contract" },
    { BASE "[chain]\ncontract=0x12\n", 4, "40 hex digits" },
    { BASE "[chain]\ncontract=0x5fbDB2315678afecb367f032d93F642f64180aa3\n", 4, "checksum" },
    { BASE "[chain]\nconfirmations=0\n", 4, "from 1 to" },
    { BASE "[chain]\nmax_fee=0\n", 4, "gwei, such as" },
    { BASE "[chain]\nmax_fee=much\n", 4, "max_fee is \"much\"" },
    { BASE "[chain]\nmax_tip=-1\n", 4, "gwei, such as" },
    { BASE "[chain]\nmax_tip=1.\n", 4, "gwei, such as" },
    { BASE "[chain]\nmax_tip=1.0000000001\n", 4, "gwei, such as" },
    { BASE "[chain]\nmax_tip=1 gwei\n", 4, "gwei, such as" },
    { BASE "[chain]\nmax_cost=1000000001\n", 4, "ether, such as" },
    { BASE "[coap]\nlisten=0.0.0.0:5684\n", 4, "have to prove who they are" },
    { BASE "[coap]\nkey=k.pem\n", 3, "all three" },
    { BASE "[coap]\nlisten=0.0.0.0:1\ncertificate=c.pem\nkey=k.pem\n", 3, "client_ca" },
    { BASE "[coap]\nmax_sessions=1\n", 4, "from 8 to" },
    { BASE "[coap]\nidle_timeout=0s\n", 4, "idle_timeout" },
    { BASE "[live]\nsilent_after=0ms\n", 4, "silent_after" },
    { BASE "[chain]\npublic_rpc=example.org\n", 4, "public_rpc is" },
    { BASE "[chain]\npublic_rpc=http://\n", 4, "http://" },
    { BASE "[chain]\npublic_rpc=file:///etc/passwd\n", 4, "http://" },
    { BASE "[chain]\npublic_rpc=https://a.example;javascript:1\n", 4, "http://" },
    { BASE "[chain]\npublic_rpc=https://a.example;\n", 4, "http://" },
    { BASE "[chain]\npublic_rpc=https://me:word@a.example\n", 4, "password" },
    { BASE "[chain]\npublic_rpc=https://a.example *\n", 4, "http://" },
    { BASE "[map]\nlight=https://a.example/{z}/{x}.png\n", 4, "light is" },
    { BASE "[map]\ndark=ftp://a.example/{z}/{x}/{y}.png\n", 4, "dark is" },
    { BASE "[map]\ndark=https://*/{z}/{x}/{y}.png\n", 4, "{y}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PtConfig) config = load (rows[i].text, &error);
      g_autofree char *line = g_strdup_printf (", line %u: ", rows[i].line);

      g_test_message ("%s", rows[i].text);
      g_assert_null (config);
      g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
      g_assert_nonnull (strstr (error->message, path));
      g_assert_nonnull (strstr (error->message, rows[i].words));
      g_assert_cmpint (strstr (error->message, ", line ") != NULL, ==, rows[i].line != 0);
      if (rows[i].line != 0 && strstr (error->message, line) == NULL)
        g_error ("line %u is not named: %s", rows[i].line, error->message);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_listens (void)
{
  g_autoptr (PtConfig) config
      = load_well (BASE "[listen open]\naddress=0.0.0.0:1;[::]:1\n[listen own one]\n"
                        "address=unix:/run/a\nserves=administration; devices\ncertificate=c.pem\n"
                        "key=k.pem\nclient_certificates=optional\nclient_ca=ca.pem\n"
                        "proxies=192.0.2.1;::1\nproxy_protocol=yes\nhsts=0\n");
  const PtListenOptions *listens = (const PtListenOptions *) config->listens->data;

  g_assert_cmpuint (config->listens->len, ==, 2);
  g_assert_cmpstr (listens[0].section, ==, "listen open");
  g_assert_cmpstr (listens[0].address, ==, "0.0.0.0:1;[::]:1");
  g_assert_cmpuint (listens[0].serves, ==, PT_SERVES_PUBLIC);
  g_assert_cmpint (listens[0].hsts, ==, -1);
  g_assert_false (listens[0].proxy_protocol);
  g_assert_cmpuint (listens[1].serves, ==, PT_SERVES_ADMINISTRATION | PT_SERVES_DEVICES);
  g_assert_cmpint (listens[1].clients, ==, G_TLS_AUTHENTICATION_REQUESTED);
  g_assert_true (g_path_is_absolute (listens[1].client_ca));
  g_assert_cmpstr (listens[1].proxies, ==, "192.0.2.1;::1");
  g_assert_true (listens[1].proxy_protocol);
  g_assert_cmpint (listens[1].hsts, ==, 0);
}

static void
test_no_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_config_load ("/nonexistent/powertrackd.conf", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  g_assert_nonnull (strstr (error->message, "/nonexistent/powertrackd.conf"));
}

static void
test_durations (void)
{
  static const char *const wrong[]
      = { "", "5", "min", "-5s", "+5s", " 5s", "5 s", "5ss", "1.5h", "5S", "9223372036854775807d" };
  gint64 ms = 0;

  g_assert_true (pt_config_parse_duration ("500ms", &ms));
  g_assert_cmpint (ms, ==, 500);
  g_assert_true (pt_config_parse_duration ("15min", &ms));
  g_assert_cmpint (ms, ==, 900000);
  g_assert_true (pt_config_parse_duration ("7d", &ms));
  g_assert_cmpint (ms, ==, G_GINT64_CONSTANT (604800000));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    if (pt_config_parse_duration (wrong[i], &ms))
      g_error ("\"%s\" was taken for a time", wrong[i]);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("pt-config-XXXXXX", NULL);
  path = g_build_filename (folder, "powertrackd.conf", NULL);
  g_test_add_func ("/config/documented", test_documented);
  g_test_add_func ("/config/defaults", test_defaults);
  g_test_add_func ("/config/values", test_values);
  g_test_add_func ("/config/map-and-page", test_map_and_page);
  g_test_add_func ("/config/refusals", test_refusals);
  g_test_add_func ("/config/listens", test_listens);
  g_test_add_func ("/config/no-file", test_no_file);
  g_test_add_func ("/config/durations", test_durations);
  result = g_test_run ();
  g_remove (path);
  g_rmdir (folder);
  g_free (path);
  return result;
}
