/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-config.h"

#include <stddef.h>
#include <string.h>

#include "pt-error.h"
#include "pt-ethereum-key.h"

#define DAY_MS G_GINT64_CONSTANT (86400000)
#define MONEY_DECIMALS 9
#define MONEY_MOST G_GINT64_CONSTANT (1000000000000000000) /* 10^9, in 10^-9 */

typedef struct _Option Option;

/* What an option's value may be. @parse puts @value into @field; FALSE where it is none. */
typedef struct
{
  gboolean (*parse) (const PtConfig *config, const Option *option, const char *value,
                     gpointer field);
  const char *wanted; /* what to write; NULL: a whole number from least to most */
} Type;

struct _Option
{
  const char *section, *key;
  const Type *type;
  gsize offset;
  const char *fallback; /* NULL: required; "": none */
  gint64 least, most;
};

/* GKeyFile keeps no line numbers, and an error without one sends people searching. */
static guint
find_line (const char *text, const char *section, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *header = g_strconcat ("[", section, "]", NULL);
  gboolean inside = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      gsize length = key != NULL ? strlen (key) : 0;

      if (line[0] == '[')
        {
          inside = strcmp (line, header) == 0;
          if (inside && key == NULL)
            return i + 1;
        }
      else if (inside && key != NULL && strncmp (line, key, length) == 0
               && (line[length] == '=' || g_ascii_isspace (line[length])))
        return i + 1;
    }
  return 0;
}

static gboolean refuse (GError **error, const char *path, guint line, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static gboolean
refuse (GError **error, const char *path, guint line, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (line > 0)
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s, line %u: %s", path, line, message);
  else
    g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION, "%s: %s", path, message);
  return FALSE;
}

gboolean
pt_config_parse_duration (const char *text, gint64 *ms)
{
  static const struct
  {
    const char *unit;
    gint64 ms;
  } units[] = { { "ms", 1 },    { "s", 1000 },    { "min", 60000 },
                { "m", 60000 }, { "h", 3600000 }, { "d", DAY_MS } };
  char *end = NULL;
  gint64 number = g_ascii_strtoll (text, &end, 10);

  if (end == text || number < 0 || !g_ascii_isdigit (text[0]))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].unit) == 0 && number <= G_MAXINT64 / units[i].ms)
      {
        *ms = number * units[i].ms;
        return TRUE;
      }
  return FALSE;
}

static void
set_text (gpointer field, char *value)
{
  char **text = field;

  g_free (*text);
  *text = value;
}

static gboolean
is_host (const char *text)
{
  static const char others[] = "-._:"; /* the colon: of IPv6 */

  if (text == NULL || text[0] == '\0')
    return FALSE;
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (others, *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_web_address (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;

  /* What goes into a header must not end it. */
  return scheme != NULL && (strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0)
         && g_uri_get_userinfo (uri) == NULL && is_host (g_uri_get_host (uri))
         && strpbrk (text, " \t\r\n'\",") == NULL;
}

static gboolean
are_web_addresses (const char *text)
{
  g_auto (GStrv) addresses = g_strsplit (text, ";", -1);

  for (guint i = 0; addresses[i] != NULL; i++)
    if (!is_web_address (g_strstrip (addresses[i])))
      return FALSE;
  return g_strv_length (addresses) <= PT_CONFIG_PUBLIC_RPC_MAX;
}

static gboolean
is_tile_template (const char *text)
{
  return is_web_address (text) && strstr (text, "{z}") != NULL && strstr (text, "{x}") != NULL
         && strstr (text, "{y}") != NULL;
}

static gboolean
parse_text (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  set_text (field, *value != '\0' ? g_strdup (value) : NULL);
  return TRUE;
}

/* Relative ones are beside the configuration. */
static gboolean
parse_path (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  g_autofree char *directory = g_path_get_dirname (config->path);

  if (*value == '\0' || g_path_is_absolute (value))
    return parse_text (config, option, value, field);
  set_text (field, g_build_filename (directory, value, NULL));
  return TRUE;
}

static gboolean
parse_urls (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  return parse_text (config, option, value, field) && (*value == '\0' || are_web_addresses (value));
}

static gboolean
parse_addresses (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  g_auto (GStrv) addresses = g_strsplit (value, ";", -1);

  for (guint i = 0; *value != '\0' && addresses[i] != NULL; i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (g_strstrip (addresses[i]));

      if (address == NULL)
        return FALSE;
    }
  set_text (field, g_strdup (value));
  return TRUE;
}

static gboolean
parse_broker (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  g_autoptr (GSocketConnectable) address = NULL;

  if (*value != '\0' && strchr (value, '/') == NULL)
    address = g_network_address_parse (value, 1, NULL);
  return parse_text (config, option, value, field) && (*value == '\0' || address != NULL);
}

static gboolean
parse_name (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

  return parse_text (config, option, value, field) && strlen (value) <= 64
         && strspn (value, allowed) == strlen (value);
}

static gboolean
parse_map (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  if (strstr (value, "://") == NULL)
    return parse_path (config, option, value, field);
  return parse_text (config, option, value, field) && is_tile_template (value);
}

static gboolean
parse_number (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  return g_ascii_string_to_signed (value, 10, option->least, option->most, field, NULL);
}

static gboolean
parse_speed (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  char *end = NULL;
  double speed = g_ascii_strtod (value, &end);

  if (end == value || *end != '\0' || !(speed >= option->least && speed <= option->most))
    return FALSE;
  *(double *) field = speed;
  return TRUE;
}

static gboolean
parse_duration (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  gint64 *ms = field;

  return pt_config_parse_duration (value, ms) && *ms >= option->least && *ms <= option->most;
}

static gboolean
parse_address (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  return *value == '\0'
         || pt_address_from_text (pt_keccak_permutation_nettle, pt_span (value, strlen (value)),
                                  field);
}

static gboolean
parse_clock (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  static const PtClockSource sources[] = { PT_CLOCK_REAL, PT_CLOCK_SCALED, PT_CLOCK_STEPPED };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    if (strcmp (value, pt_clock_source_name (sources[i])) == 0)
      {
        *(PtClockSource *) field = sources[i];
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_bus (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  static const char *const buses[] = { "none", "session", "system", NULL };

  return parse_text (config, option, value, field) && g_strv_contains (buses, value);
}

/* A number with at most nine decimals, in units of the last of them: gwei in wei, ether in gwei. */
static gboolean
parse_money (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  gsize whole = strspn (value, "0123456789");
  gsize decimals = value[whole] == '.' ? strspn (value + whole + 1, "0123456789") : 0;
  g_autofree char *digits = NULL;

  if (whole == 0 || decimals > MONEY_DECIMALS || (value[whole] == '.' && decimals == 0)
      || value[whole + (decimals > 0 ? 1 + decimals : 0)] != '\0')
    return FALSE;
  digits = g_strdup_printf ("%.*s%.*s%.*s", (int) whole, value, (int) decimals, value + whole + 1,
                            (int) (MONEY_DECIMALS - decimals), "000000000");
  return g_ascii_string_to_signed (digits, 10, option->least, option->most, field, NULL);
}

static gboolean
parse_clients (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  static const char *const names[] = { [G_TLS_AUTHENTICATION_NONE] = "none",
                                       [G_TLS_AUTHENTICATION_REQUESTED] = "optional",
                                       [G_TLS_AUTHENTICATION_REQUIRED] = "required" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (value, names[i]) == 0)
      {
        *(GTlsAuthenticationMode *) field = (GTlsAuthenticationMode) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_serves (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  static const char *const names[] = { "public", "devices", "administration", NULL };
  g_auto (GStrv) words = g_strsplit (value, ";", -1);
  guint *serves = field;

  *serves = 0;
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint bit = 0;

      while (names[bit] != NULL && strcmp (g_strstrip (words[i]), names[bit]) != 0)
        bit++;
      if (names[bit] == NULL)
        return FALSE;
      *serves |= 1u << bit; /* PtServes, in their order */
    }
  return *serves != 0;
}

static gboolean
parse_yes (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  *(gboolean *) field = strcmp (value, "yes") == 0;
  return *(gboolean *) field || strcmp (value, "no") == 0;
}

/* Nothing is -1. */
static gboolean
parse_days (const PtConfig *config, const Option *option, const char *value, gpointer field)
{
  *(gint64 *) field = -1;
  return *value == '\0' || parse_number (config, option, value, field);
}

static const Type clients_type = { parse_clients, "none, optional or required" };
static const Type serves_type
    = { parse_serves, "one or more of public, devices and administration, ; between them" };
static const Type yes_type = { parse_yes, "yes or no" };
static const Type days_type = { parse_days, "days, from 0 to 3650" };
static const Type text_type = { parse_text, "" };
static const Type path_type = { parse_path, "" };
static const Type number_type = { parse_number, NULL };
static const Type speed_type = { parse_speed, "a number from 1 to 100000" };
static const Type duration_type
    = { parse_duration, "a time as 15min, 1h, 90s or 500ms, within its bounds" };
static const Type address_type
    = { parse_address, "a contract's address: 0x and 40 hex digits, its checksum right" };
static const Type clock_type = { parse_clock, "real, scaled or stepped" };
static const Type bus_type = { parse_bus, "none, session or system" };
static const Type gwei_type = { parse_money, "gwei, such as 200 or 0.5" };
static const Type ether_type = { parse_money, "ether, such as 1 or 0.05" };
static const Type urls_type
    = { parse_urls,
        "at most 8 addresses with http:// or https:// and no password, ; between them" };
static const Type addresses_type
    = { parse_addresses, "numeric addresses, ; between them, or nothing" };
static const Type broker_type
    = { parse_broker, "a host, or host:port, of a broker that speaks TLS" };
static const Type name_type = { parse_name, "at most 64 letters, digits, and . _ -" };
static const Type map_type
    = { parse_map, "an .mbtiles file, or an http(s) address with {z}, {x} and {y}" };

#define AT(field) G_STRUCT_OFFSET (PtConfig, field)

static const Option options[] = {
  { "daemon", "state_dir", &path_type, AT (state_dir), NULL, 0, 0 },
  { "daemon", "service_key", &path_type, AT (service_key), "", 0, 0 },
  { "http", "listen", &text_type, AT (listen), "127.0.0.1:8650", 0, 0 },
  { "http", "certificate", &path_type, AT (certificate), "", 0, 0 },
  { "http", "key", &path_type, AT (key), "", 0, 0 },
  { "http", "connections", &number_type, AT (connections), "4096", 8, 1000000 },
  { "http", "connections_per_address", &number_type, AT (connections_each), "256", 0, 1000000 },
  { "http", "streams", &number_type, AT (streams), "1000", 1, 1000000 },
  { "http", "streams_per_address", &number_type, AT (streams_each), "64", 0, 1000000 },
  { "http", "bodies_mib", &number_type, AT (bodies), "64", 8, 1000000 },
  { "http", "answers_mib", &number_type, AT (answers), "128", 8, 1000000 },
  { "http", "proxies", &addresses_type, AT (proxies), "127.0.0.1;::1", 0, 0 },
  { "clock", "source", &clock_type, AT (clock_source), "real", 0, 0 },
  { "clock", "origin_ms", &number_type, AT (origin_ms), "0", 0, G_MAXINT64 },
  { "clock", "started_ms", &number_type, AT (started_ms), "0", 0, G_MAXINT64 },
  { "clock", "speed", &speed_type, AT (speed), "1", 1, 100000 },
  { "batch", "period", &duration_type, AT (period_ms), "15min", 1000, DAY_MS },
  { "batch", "anchored_within", &duration_type, AT (anchored_within_ms), "1h", 1000,
    36525 * DAY_MS },
  { "intake", "queue_lines", &number_type, AT (queue_lines), "65536", 1, 10000000 },
  { "intake", "workers", &number_type, AT (workers), "0", 0, 1024 },
  { "intake", "device_per_minute", &number_type, AT (reports_device_per_minute), "120", 0,
    1000000 },
  { "intake", "address_per_minute", &number_type, AT (reports_address_per_minute), "600000", 0,
    100000000 },
  { "intake", "rejected_for", &duration_type, AT (rejected_for_ms), "7d", 1000, 365 * DAY_MS },
  { "intake", "area_per_second", &number_type, AT (reports_area_per_second), "100000", 0, 1000000 },
  { "store", "address", &text_type, AT (store_address), "", 0, 0 },
  { "store", "password_file", &path_type, AT (store_password_file), "", 0, 0 },
  { "coap", "listen", &text_type, AT (coap_listen), "", 0, 0 },
  { "coap", "certificate", &path_type, AT (coap_certificate), "", 0, 0 },
  { "coap", "key", &path_type, AT (coap_key), "", 0, 0 },
  { "coap", "client_ca", &path_type, AT (coap_client_ca), "", 0, 0 },
  { "coap", "psk_file", &path_type, AT (coap_psk_file), "", 0, 0 },
  { "coap", "oscore_listen", &text_type, AT (coap_oscore_listen), "", 0, 0 },
  { "coap", "oscore_file", &path_type, AT (coap_oscore_file), "", 0, 0 },
  { "coap", "max_sessions", &number_type, AT (coap_sessions), "10000", 8, 1000000 },
  { "coap", "idle_timeout", &duration_type, AT (coap_idle_ms), "5min", 1000, DAY_MS },
  { "mqtt", "broker", &broker_type, AT (mqtt_broker), "", 0, 0 },
  { "mqtt", "ca", &path_type, AT (mqtt_ca), "", 0, 0 },
  { "mqtt", "certificate", &path_type, AT (mqtt_certificate), "", 0, 0 },
  { "mqtt", "key", &path_type, AT (mqtt_key), "", 0, 0 },
  { "mqtt", "user", &text_type, AT (mqtt_user), "", 0, 0 },
  { "mqtt", "password_file", &path_type, AT (mqtt_password_file), "", 0, 0 },
  { "mqtt", "client_id", &name_type, AT (mqtt_client_id), "powertrackd", 0, 0 },
  { "mqtt", "share", &name_type, AT (mqtt_share), "", 0, 0 },
  { "mqtt", "max_inflight", &number_type, AT (mqtt_inflight), "1000", 1, 30000 },
  { "est", "ca", &path_type, AT (est_ca), "", 0, 0 },
  { "est", "passphrase_file", &path_type, AT (est_passphrase_file), "", 0, 0 },
  { "est", "days", &number_type, AT (est_days), "730", 1, 36525 },
  { "chain", "rpc", &text_type, AT (rpc), "", 0, 0 },
  { "chain", "contract", &address_type, AT (contract), "", 0, 0 },
  { "chain", "chain_id", &number_type, AT (chain_id), "0", 0, G_MAXINT64 },
  { "chain", "from_block", &number_type, AT (from_block), "0", 0, G_MAXINT64 },
  { "chain", "keystore", &path_type, AT (keystore), "", 0, 0 },
  { "chain", "password_file", &path_type, AT (password_file), "", 0, 0 },
  { "chain", "confirmations", &number_type, AT (confirmations), "12", 1, 10000 },
  { "chain", "bump_after_s", &number_type, AT (bump_after_s), "90", 1, 86400 },
  { "chain", "stuck_after_s", &number_type, AT (stuck_after_s), "180", 3, 86400 },
  { "chain", "max_fee", &gwei_type, AT (max_fee), "200", 1, MONEY_MOST },
  { "chain", "max_tip", &gwei_type, AT (max_tip), "3", 1, MONEY_MOST },
  { "chain", "max_cost", &ether_type, AT (max_cost), "1", 1, MONEY_MOST },
  { "chain", "poll_ms", &number_type, AT (poll_ms), "500", 10, 600000 },
  { "chain", "gateways", &urls_type, AT (gateways), "", 0, 0 },
  { "chain", "public_rpc", &urls_type, AT (public_rpc), "", 0, 0 },
  { "dbus", "bus", &bus_type, AT (bus), "none", 0, 0 },
  { "live", "silent_after", &duration_type, AT (silent_after_ms), "150min", 1000, 365 * DAY_MS },
  { "map", "light", &map_type, AT (map_light), "", 0, 0 },
  { "map", "dark", &map_type, AT (map_dark), "", 0, 0 },
  { "map", "places", &path_type, AT (map_places), "", 0, 0 },
  { "map", "attribution", &text_type, AT (map_attribution), "", 0, 0 },
  { "complaints", "work_bits", &number_type, AT (work_bits), "16", 0, 22 },
  { "complaints", "work_per_minute", &number_type, AT (work_per_minute), "600", 1, 1000000 },
  { "complaints", "address_per_minute", &number_type, AT (address_per_minute), "120", 0, 1000000 },
  { "complaints", "key_per_hour", &number_type, AT (key_per_hour), "60", 0, 1000000 },
  { "complaints", "site_per_hour", &number_type, AT (site_per_hour), "120", 0, 1000000 },
  { "complaints", "area_per_minute", &number_type, AT (area_per_minute), "2000", 0, 1000000 },
  { "complaints", "gateway_token_file", &path_type, AT (gateway_token_file), "", 0, 0 },
  { "complaints", "host", &text_type, AT (host), "", 0, 0 },
  { "page", "dir", &path_type, AT (page_dir), "", 0, 0 },
};

/* Each group [listen NAME]. */
#define LISTEN "listen"
#define OF(field) G_STRUCT_OFFSET (PtListenOptions, field)

static const Option listen_options[] = {
  { LISTEN, "address", &text_type, OF (address), NULL, 0, 0 },
  { LISTEN, "serves", &serves_type, OF (serves), "public", 0, 0 },
  { LISTEN, "certificate", &path_type, OF (certificate), "", 0, 0 },
  { LISTEN, "key", &path_type, OF (key), "", 0, 0 },
  { LISTEN, "client_certificates", &clients_type, OF (clients), "none", 0, 0 },
  { LISTEN, "client_ca", &path_type, OF (client_ca), "", 0, 0 },
  { LISTEN, "proxies", &addresses_type, OF (proxies), "", 0, 0 },
  { LISTEN, "proxy_protocol", &yes_type, OF (proxy_protocol), "no", 0, 0 },
  { LISTEN, "hsts", &days_type, OF (hsts), "", 0, 3650 },
};

static gboolean
is_listen (const char *section)
{
  return g_str_has_prefix (section, LISTEN " ") && section[strlen (LISTEN " ")] != '\0';
}

static void
add_key (GStrvBuilder *builder, const Option *option)
{
  g_autofree char *name = g_strconcat (option->section, "/", option->key, NULL);

  g_strv_builder_add (builder, name);
}

char **
pt_config_keys (void)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **keys;

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    add_key (builder, &options[i]);
  for (guint i = 0; i < G_N_ELEMENTS (listen_options); i++)
    add_key (builder, &listen_options[i]);
  keys = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return keys;
}

static char *
option_wanted (const Option *option)
{
  return option->type->wanted != NULL
             ? g_strdup (option->type->wanted)
             : g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                                option->least, option->most);
}

/* @fields: what the option's offset is of. */
static gboolean
config_read_option (PtConfig *config, GKeyFile *file, const char *text, const char *section,
                    const Option *option, gpointer fields, GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, section, option->key, NULL);
  g_autofree char *wanted = NULL;

  if (value == NULL && option->fallback == NULL)
    return refuse (error, config->path, 0, "[%s] has no %s. Add the line \"%s=...\".", section,
                   option->key, option->key);
  if (option->type->parse (config, option, value != NULL ? g_strstrip (value) : option->fallback,
                           G_STRUCT_MEMBER_P (fields, option->offset)))
    return TRUE;
  wanted = option_wanted (option);
  return refuse (error, config->path, find_line (text, section, option->key),
                 "%s is \"%s\". Write %s.", option->key, value, wanted);
}

static gboolean
config_check_listen (PtConfig *config, const char *text, const PtListenOptions *listen,
                     GError **error)
{
  const char *section = listen->section;

  if ((listen->certificate == NULL) != (listen->key == NULL))
    return refuse (error, config->path, find_line (text, section, NULL),
                   "A certificate and its key belong together. Add %s in [%s].",
                   listen->key == NULL ? "key" : "certificate", section);
  if (listen->clients == G_TLS_AUTHENTICATION_NONE && listen->client_ca == NULL)
    return TRUE;
  if (listen->clients == G_TLS_AUTHENTICATION_NONE)
    return refuse (error, config->path, find_line (text, section, "client_ca"),
                   "Nobody is asked for a certificate. Add client_certificates=optional or "
                   "required in [%s], or remove client_ca.",
                   section);
  if (listen->client_ca != NULL && listen->certificate != NULL)
    return TRUE;
  return refuse (error, config->path, find_line (text, section, "client_certificates"),
                 "Certificates of clients need TLS and who signs them. Add certificate, key and "
                 "client_ca in [%s].",
                 section);
}

static gboolean
config_read_listen (PtConfig *config, GKeyFile *file, const char *text, const char *section,
                    GError **error)
{
  PtListenOptions *listen;

  g_array_set_size (config->listens, config->listens->len + 1);
  listen = &g_array_index (config->listens, PtListenOptions, config->listens->len - 1);
  listen->section = g_strdup (section);
  for (guint i = 0; i < G_N_ELEMENTS (listen_options); i++)
    if (!config_read_option (config, file, text, section, &listen_options[i], listen, error))
      return FALSE;
  if (listen->address == NULL)
    return refuse (error, config->path, find_line (text, section, "address"),
                   "address is empty. Write host:port or unix:/path.");
  return config_check_listen (config, text, listen, error);
}

static void
config_join_proxies (PtConfig *config)
{
  GString *many = g_string_new (config->proxies);

  for (guint i = 0; i < config->listens->len; i++)
    {
      const char *proxies = g_array_index (config->listens, PtListenOptions, i).proxies;

      if (proxies != NULL)
        g_string_append_printf (many, ";%s", proxies);
    }
  g_free (config->many);
  config->many = g_string_free (many, FALSE);
}

/* Which of the two forms holds must not be a guess. */
static gboolean
config_read_listens (PtConfig *config, GKeyFile *file, const char *text, GError **error)
{
  static const char *const short_form[] = { "listen", "certificate", "key", "proxies" };
  g_auto (GStrv) sections = g_key_file_get_groups (file, NULL);

  for (guint i = 0; sections[i] != NULL; i++)
    if (is_listen (sections[i]) && !config_read_listen (config, file, text, sections[i], error))
      return FALSE;
  for (guint i = 0; config->listens->len > 0 && i < G_N_ELEMENTS (short_form); i++)
    if (g_key_file_has_key (file, "http", short_form[i], NULL))
      return refuse (error, config->path, find_line (text, "http", short_form[i]),
                     "There are [listen ...] groups, which say so for each address. Remove %s from "
                     "[http], or the groups.",
                     short_form[i]);
  config_join_proxies (config);
  return TRUE;
}

static void
listen_clear (gpointer data)
{
  PtListenOptions *listen = data;

  g_free ((gpointer) listen->section);
  g_free ((gpointer) listen->address);
  g_free ((gpointer) listen->certificate);
  g_free ((gpointer) listen->key);
  g_free ((gpointer) listen->client_ca);
  g_free ((gpointer) listen->proxies);
}

static gboolean
is_among (const Option *known, gsize count, const char *section, const char *key)
{
  for (gsize i = 0; i < count; i++)
    if (strcmp (known[i].section, section) == 0 && (key == NULL || strcmp (known[i].key, key) == 0))
      return TRUE;
  return FALSE;
}

static gboolean
key_is_known (const char *section, const char *key)
{
  if (is_listen (section))
    return is_among (listen_options, G_N_ELEMENTS (listen_options), LISTEN, key);
  return is_among (options, G_N_ELEMENTS (options), section, key);
}

static gboolean
config_refuse_unknown (PtConfig *config, GKeyFile *file, const char *text, GError **error)
{
  g_auto (GStrv) sections = g_key_file_get_groups (file, NULL);

  for (guint i = 0; sections[i] != NULL; i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (file, sections[i], NULL, NULL);

      if (!key_is_known (sections[i], NULL))
        return refuse (error, config->path, find_line (text, sections[i], NULL),
                       "There is no section [%s]. Remove it, or see the example configuration.",
                       sections[i]);
      for (guint j = 0; keys != NULL && keys[j] != NULL; j++)
        if (!key_is_known (sections[i], keys[j]))
          return refuse (error, config->path, find_line (text, sections[i], keys[j]),
                         "[%s] has no option %s. Remove it, or see the example configuration.",
                         sections[i], keys[j]);
    }
  return TRUE;
}

static gboolean
config_check_clock (PtConfig *config, const char *text, GError **error)
{
  gboolean scaled = config->clock_source == PT_CLOCK_SCALED;

  if (scaled && (config->origin_ms <= 0 || config->started_ms <= 0))
    return refuse (error, config->path, find_line (text, "clock", "source"),
                   "A scaled clock needs origin_ms and started_ms. Add both.");
  if (config->clock_source == PT_CLOCK_STEPPED && config->origin_ms <= 0)
    return refuse (error, config->path, find_line (text, "clock", "source"),
                   "A stepped clock needs origin_ms, the time it begins at. Add it.");
  if (!scaled && config->speed != 1.0)
    return refuse (error, config->path, find_line (text, "clock", "speed"),
                   "Only a scaled clock has a speed. Write source=scaled, or remove the line.");
  return TRUE;
}

static gboolean
config_check_tls (PtConfig *config, const char *text, GError **error)
{
  gboolean has_certificate = config->certificate != NULL;

  if (has_certificate == (config->key != NULL))
    return TRUE;
  return refuse (error, config->path,
                 find_line (text, "http", has_certificate ? "certificate" : "key"),
                 "A certificate and its key belong together. Add %s in [http].",
                 has_certificate ? "key" : "certificate");
}

/* A session has to prove whose it is. */
static gboolean
config_check_coap (PtConfig *config, const char *text, GError **error)
{
  gboolean has_certificate = config->coap_certificate != NULL;

  if (has_certificate != (config->coap_key != NULL)
      || has_certificate != (config->coap_client_ca != NULL))
    return refuse (error, config->path, find_line (text, "coap", NULL),
                   "A certificate, its key and the authority of devices' certificates belong "
                   "together. Write certificate, key and client_ca, all three, in [coap].");
  if (config->coap_listen != NULL && !has_certificate && config->coap_psk_file == NULL)
    return refuse (error, config->path, find_line (text, "coap", "listen"),
                   "Devices have to prove who they are. Add psk_file, or certificate, key and "
                   "client_ca.");
  if ((config->coap_oscore_listen != NULL) != (config->coap_oscore_file != NULL))
    return refuse (error, config->path, find_line (text, "coap", NULL),
                   "OSCORE takes an address and the devices' secrets. Write oscore_listen and "
                   "oscore_file, both, in [coap].");
  return TRUE;
}

static gboolean
config_check_mqtt (PtConfig *config, const char *text, GError **error)
{
  if (config->mqtt_broker == NULL)
    return TRUE;
  if ((config->mqtt_certificate != NULL) != (config->mqtt_key != NULL))
    return refuse (error, config->path, find_line (text, "mqtt", "broker"),
                   "A certificate and its key belong together. Add what is missing in [mqtt].");
  if (config->mqtt_password_file != NULL && config->mqtt_user == NULL)
    return refuse (error, config->path, find_line (text, "mqtt", "password_file"),
                   "A password needs its user. Add user in [mqtt].");
  if (config->mqtt_client_id == NULL)
    return refuse (
        error, config->path, find_line (text, "mqtt", "client_id"),
        "The broker keeps messages for a name. Write client_id=powertrackd, or another.");
  return TRUE;
}

/* The address itself is never told: what is wrong with it may be a password in it. */
static gboolean
config_check_store (PtConfig *config, const char *text, GError **error)
{
  g_autoptr (GRegex) address
      = g_regex_new ("^mongodb(\\+srv)?://(?:[^/?@:]*(:)?[^/?@]*@)?[^/?@]+", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *password = NULL;

  if (config->store_address == NULL)
    return config->store_password_file == NULL
           || refuse (error, config->path, find_line (text, "store", "password_file"),
                      "SQLite has no password. Add address in [store], or remove password_file.");
  if (!g_regex_match (address, config->store_address, 0, &match))
    return refuse (
        error, config->path, find_line (text, "store", "address"),
        "address is no connection string. Write mongodb://user@host:27017/database, "
        "special characters in the name as %%XX; or remove it, for SQLite in state_dir.");
  password = g_match_info_fetch (match, 2);
  if (password == NULL || *password == '\0')
    return TRUE;
  return refuse (error, config->path, find_line (text, "store", "address"),
                 "A password does not belong here, where many may read it. Write it into a file "
                 "of its own, and password_file in [store].");
}

static gboolean
config_check_est (PtConfig *config, const char *text, GError **error)
{
  gboolean has_ca = config->est_ca != NULL;

  if (has_ca == (config->est_passphrase_file != NULL))
    return TRUE;
  return refuse (error, config->path, find_line (text, "est", has_ca ? "ca" : "passphrase_file"),
                 "An authority and the passphrase of its key belong together. Add %s in [est].",
                 has_ca ? "passphrase_file" : "ca");
}

/* What makes sense only together. */
static gboolean
config_check (PtConfig *config, const char *text, GError **error)
{
  static const guint8 zero[20];

  if (!config_check_clock (config, text, error) || !config_check_tls (config, text, error)
      || !config_check_coap (config, text, error) || !config_check_mqtt (config, text, error)
      || !config_check_est (config, text, error) || !config_check_store (config, text, error))
    return FALSE;
  if (config->rpc == NULL)
    return TRUE;
  if (memcmp (config->contract, zero, sizeof zero) == 0 || config->chain_id == 0
      || config->keystore == NULL || config->password_file == NULL)
    return refuse (error, config->path, find_line (text, "chain", "rpc"),
                   "A chain needs contract, chain_id, keystore and password_file too. Add what is "
                   "missing in [chain].");
  return TRUE;
}

PtConfig *
pt_config_load (const char *path, GError **error)
{
  g_autoptr (PtConfig) config = g_new0 (PtConfig, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;

  config->path = g_canonicalize_filename (path, NULL);
  config->listens = g_array_new (FALSE, TRUE, sizeof (PtListenOptions));
  g_array_set_clear_func (config->listens, listen_clear);
  if (!g_file_get_contents (path, &text, NULL, &local))
    {
      refuse (error, path, 0, "%s. Give the path of a configuration with --config.",
              local->message);
      return NULL;
    }
  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, &local))
    {
      refuse (error, path, 0, "%s. Lines are [section], key=value or # comment.", local->message);
      return NULL;
    }
  if (!config_refuse_unknown (config, file, text, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    if (!config_read_option (config, file, text, options[i].section, &options[i], config, error))
      return NULL;
  if (!config_read_listens (config, file, text, error) || !config_check (config, text, error))
    return NULL;
  if (config->service_key == NULL)
    config->service_key = g_build_filename (config->state_dir, "service.pem", NULL);
  return g_steal_pointer (&config);
}

void
pt_config_free (PtConfig *config)
{
  if (config == NULL)
    return;
  g_free (config->path);
  g_free (config->state_dir);
  g_free (config->service_key);
  g_free (config->listen);
  g_free (config->certificate);
  g_free (config->key);
  g_free (config->proxies);
  g_free (config->many);
  g_free (config->coap_listen);
  g_free (config->coap_certificate);
  g_free (config->coap_key);
  g_free (config->coap_client_ca);
  g_free (config->coap_psk_file);
  g_free (config->coap_oscore_listen);
  g_free (config->coap_oscore_file);
  g_array_unref (config->listens);
  g_free (config->mqtt_broker);
  g_free (config->mqtt_ca);
  g_free (config->mqtt_certificate);
  g_free (config->mqtt_key);
  g_free (config->mqtt_user);
  g_free (config->store_address);
  g_free (config->store_password_file);
  g_free (config->mqtt_password_file);
  g_free (config->mqtt_client_id);
  g_free (config->mqtt_share);
  g_free (config->est_ca);
  g_free (config->est_passphrase_file);
  g_free (config->rpc);
  g_free (config->keystore);
  g_free (config->password_file);
  g_free (config->bus);
  g_free (config->gateways);
  g_free (config->public_rpc);
  g_free (config->map_light);
  g_free (config->map_dark);
  g_free (config->map_attribution);
  g_free (config->map_places);
  g_free (config->gateway_token_file);
  g_free (config->host);
  g_free (config->page_dir);
  g_free (config);
}

gboolean
pt_config_refuse (const PtConfig *config, const char *section, const char *key,
                  const char *sentence, GError **error)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (config != NULL, FALSE);

  g_file_get_contents (config->path, &text, NULL, NULL);
  return refuse (error, config->path, text != NULL ? find_line (text, section, key) : 0, "%s",
                 sentence);
}

PtClock *
pt_config_clock (const PtConfig *config)
{
  g_return_val_if_fail (config != NULL, NULL);

  switch (config->clock_source)
    {
    case PT_CLOCK_SCALED:
      return pt_clock_new_scaled (config->origin_ms, config->started_ms, config->speed);
    case PT_CLOCK_STEPPED:
      return pt_clock_new_stepped (config->origin_ms);
    case PT_CLOCK_REAL:
    case PT_CLOCK_MANUAL:
      break;
    }
  return pt_clock_new_real ();
}
