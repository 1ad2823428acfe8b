/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-offline.h"

#include <time.h>

void
pt_offline_time (int64_t ms, char out[64])
{
  time_t seconds = (time_t) (ms / 1000);
  struct tm broken;

  if (ms < 0 || localtime_r (&seconds, &broken) == NULL
      || strftime (out, 64, "%Y-%m-%d %H:%M:%S %Z", &broken) == 0)
    snprintf (out, 64, "%lld ms", (long long) ms);
}
