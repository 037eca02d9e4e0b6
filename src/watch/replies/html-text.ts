/** What nobody sees, or somebody else wrote, with all that is in it. */
const leftOut = new Set(['head', 'style', 'script', 'title', 'blockquote', 'template', 'textarea', 'noscript']);
/** What marks the answered mail in mails of those who use no blockquote; what follows is that. */
const quoteBegins =
  /\b(?:id|class)\s*=\s*["']?[^"'>]*(?:gmail_quote|gmail_attr|divRplyFwdMsg|appendonsend|yahoo_quoted|moz-cite-prefix|OLK_SRC_BODY_SECTION|protonmail_quote|reply-intro|ms-outlook-mobile-reference-message|x_divRplyFwdMsg)/i;
const hidden =
  /\bhidden\b(?!\s*=\s*["']?until)|style\s*=\s*(?:"[^"]*|'[^']*)(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0)/i;
const breaks = /^\/?(?:br|p|div|tr|li|ul|ol|table|h[1-6]|hr|pre|section|article|center|body|dl|dd|dt)$/;
/** They have no end of their own. */
const empty = new Set(['br', 'hr', 'img', 'meta', 'link', 'input', 'wbr', 'col', 'base', 'area']);

/** What the sender of a mail has written in it, in lines, as far as that ends where the answered mail begins. */
export function textOfHtml(html: string): string {
  let text = '';
  let outer: { name: string; depth: number } | undefined;
  for (const { tag, name, isEnd, words } of piecesOf(html)) {
    if (outer !== undefined) {
      if (name === outer.name) outer.depth += isEnd ? -1 : 1;
      if (outer.depth <= 0) outer = undefined;
      continue;
    }
    if (name === undefined) {
      text += words;
      continue;
    }
    if (!isEnd && (quoteBegins.test(tag) || name === 'hr')) break;
    if (!isEnd && !empty.has(name) && (leftOut.has(name) || hidden.test(tag))) outer = { name, depth: 1 };
    else if (breaks.test(name)) text += '\n';
  }
  return text;
}

type Piece = { tag: string; name: string | undefined; isEnd: boolean; words: string };

/** Tags and what is between them, one after the other. */
function* piecesOf(html: string): Generator<Piece> {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const words = html.slice(at, open === -1 ? undefined : open);
    if (words !== '') yield { tag: '', name: undefined, isEnd: false, words: wordsOf(words) };
    if (open === -1) return;
    const isComment = html.startsWith('<!--', open);
    const close = isComment ? html.indexOf('-->', open) : html.indexOf('>', open);
    if (close === -1) return;
    at = close + (isComment ? 3 : 1);
    const tag = html.slice(open, at);
    const [, slash = '', name] = /^<(\/?)([a-z][a-z0-9]{0,20})/i.exec(tag) ?? [];
    if (!isComment && name !== undefined)
      yield { tag: tag.slice(0, 2000), name: name.toLowerCase(), isEnd: slash !== '', words: '' };
  }
}

const named: Record<string, string> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", zwnj: '' };

function wordsOf(html: string): string {
  return html
    .replace(/\s+/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, ten, sixteen, name) => {
      if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
      const code = ten === undefined ? Number.parseInt(sixteen, 16) : Number(ten);
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
    });
}
