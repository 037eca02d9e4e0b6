/** Places in `severities`. */
export const [none, debug, info, warning, error, critical]: readonly [number, number, number, number, number, number] =
  [0, 1, 2, 3, 4, 5];

/** Which step a level word is, in capitals. */
export const levelWords: Readonly<Record<string, number>> = {
  ...{ EMERG: critical, EMERGENCY: critical, ALERT: critical, PANIC: critical, FATAL: critical },
  ...{ CRIT: critical, CRITICAL: critical },
  ...{ ERR: error, ERROR: error, SEVERE: error },
  ...{ WARN: warning, WARNING: warning },
  ...{ NOTICE: info, NOTE: info, INFO: info, INFORMATION: info, INFORMATIONAL: info, CONFIG: info },
  ...{ DEBUG: debug, DBG: debug, TRACE: debug, FINE: debug, FINER: debug, FINEST: debug, VERBOSE: debug },
};

/** Which step a letter is, as glog and Ruby write it. */
export const levelLetters: Readonly<Record<string, number>> = {
  ...{ F: critical, E: error, W: warning, I: info, D: debug },
};

/** The steps of syslog (RFC 5424), 0 to 7. */
export const syslogLevels: readonly number[] = [critical, critical, critical, error, warning, info, info, debug];

/** What a level stands behind, in JSON lines and logfmt. */
export const levelKeys: readonly string[] = [
  ...['"level":"', '"level": "', '"severity":"', '"severity": "', '"lvl":"', '"loglevel":"', '"level":', '"s":"'],
  ...[' level=', ' severity=', ' lvl=', ' prio=', ' pri='],
];

/** What a message stands behind, in JSON lines and logfmt. */
export const messageKeys: readonly string[] = ['"msg":"', '"msg": "', '"message":"', '"message": "', 'msg="', 'msg='];

/** Only where a log names no level: what its words say. The first that fits counts. */
export const guesses: readonly { pattern: RegExp; severity: number }[] = [
  { pattern: /(?<!\b(?:0|no) )\b(?:exception|out of memory|i\/o error)/i, severity: error },
  { pattern: /(?<!\b(?:0|no) )\b(?:failed|refused|timeout|timed out)\b/i, severity: warning },
];
