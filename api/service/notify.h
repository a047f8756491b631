/*
 * What systemd is told of a service, sd_notify(3) in a few lines: a datagram to the socket that
 * $NOTIFY_SOCKET names.  Where there is none, nothing is done.
 */
#ifndef ILA_API_SERVICE_NOTIFY_H
#define ILA_API_SERVICE_NOTIFY_H

#include <stdint.h>

/* notify_state(state, status): "READY=1", "STOPPING=1", "WATCHDOG=1"; status: what `systemctl status` shows,
 * NULL: as before. */
void notify_state(const char *state, const char *status);

/* notify_reloading(): until READY=1 is said again. */
void notify_reloading(void);

/* notify_watchdog_us(): how often WATCHDOG=1 is to be said, in microseconds, half of what is waited for; 0
 * nobody waits for it. */
int64_t notify_watchdog_us(void);

/* notify_is_journal(): what is written to stderr goes to the journal: $JOURNAL_STREAM names it. */
int notify_is_journal(void);

#endif
