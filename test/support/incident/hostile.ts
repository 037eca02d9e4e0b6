/** A line as its bytes, and what may be seen of it. */
export type HostileLine = { row: 'R01' | 'R03' | 'R04'; bytes: Buffer; shown: string };

const maxShown = 4096;

/** Written into logs that are to be hostile; `shown` is written by hand, not made by what is tested. */
export const hostileLines: readonly HostileLine[] = [
  ...[
    '<script>alert(1)</script>',
    '</script><img src=x onerror=alert(2)>',
    '--><svg/onload=alert(3)>',
    ']]>&amp;"\'`alert(4)',
    'javascript:alert(5) href="javascript:alert(6)"',
    '{{constructor.constructor("alert(7)")()}}',
  ].map((text): HostileLine => ({ row: 'R01', bytes: Buffer.from(text), shown: text })),
  of('R04', '\x1b[31mred\x1b[0m and \x1b]8;;http://evil.example\x07link\x1b]8;;\x07', 'red and link'),
  of('R04', '\x1b]0;title\x1b\\behind a title', 'behind a title'),
  of('R04', 'a\x00b\x01c\x7fd\x08e', 'a\u2400b\u2401c\u2421d\u2408e'),
  of('R04', 'c1 \u0085 and \u009b31m', 'c1 ⟨U+0085⟩ and '),
  of('R04', 'a \u202egnp.exe\u202c b', 'a ⟨U+202E⟩gnp.exe⟨U+202C⟩ b'),
  of('R04', 'zero\u200bwidth\u2060\ufeff\u2028line', 'zero⟨U+200B⟩width⟨U+2060⟩⟨U+FEFF⟩⟨U+2028⟩line'),
  of('R04', 'tag\u{e0041}\u{e0042}', 'tag⟨U+E0041⟩⟨U+E0042⟩'),
  of('R04', `z${'\u0301'.repeat(200)}algo`, `z\u0301\u0301\u0301⟨197 marks⟩algo`),
  of('R04', 'heart \u2764\ufe0f but \ufe0f\ufe0f\ufe0f', 'heart \u2764\ufe0f but ⟨U+FE0F⟩⟨U+FE0F⟩⟨U+FE0F⟩'),
  { row: 'R04', bytes: Buffer.from([0x66, 0xff, 0xfe, 0x6f, 0xc3, 0x28]), shown: 'f\ufffd\ufffdo\ufffd(' },
  { row: 'R04', bytes: Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62]), shown: 'a\ufffd\ufffd\ufffdb' },
  of('R03', 'one\rtwo', 'one\u240dtwo'),
];

/** Its text before the cut is known to end with its last whole character within 4 096 bytes. */
export function longLine(head: string, bytes: number): Buffer {
  return Buffer.from(head + 'å'.repeat(Math.ceil((bytes - Buffer.byteLength(head)) / 2)));
}

/** What may be seen of a long line, without the words behind it. */
export function cutShown(line: Buffer): { text: string; more: number } {
  let end = maxShown;
  while (((line[end] ?? 0) & 0xc0) === 0x80) end--;
  return { text: line.toString('utf8', 0, end), more: line.length - end };
}

function of(row: HostileLine['row'], text: string, shown: string): HostileLine {
  return { row, bytes: Buffer.from(text), shown };
}
