/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-offline.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "pt-text.h"

void
pt_offline_time (int64_t ms, char out[64])
{
  time_t seconds = (time_t) (ms / 1000);
  struct tm broken;

  if (ms < 0 || localtime_r (&seconds, &broken) == NULL
      || strftime (out, 64, "%Y-%m-%d %H:%M:%S %Z", &broken) == 0)
    snprintf (out, 64, "%lld ms", (long long) ms);
}

void
pt_offline_complain (const char *format, ...)
{
  char text[8192]; /* the longest path, and a sentence */
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (text, sizeof text, format, arguments);
  va_end (arguments);
  pt_text_make_safe (text, strlen (text), true);
  fputs (text, stderr);
}
