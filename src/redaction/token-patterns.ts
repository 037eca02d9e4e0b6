import type { Pattern } from './pattern-rules.js';

/** Secrets that are recognised by their form alone, wherever they are. */
export const tokenPatterns: readonly Pattern[] = [
  [
    'token',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_', 'glpat-', 'glrt-', 'npm_', 'pypi-', 'dckr_pat_', 'shpat_'],
    /(?<![\w-])((?:gh[pousr]_[A-Za-z0-9]|github_pat_\w|gl(?:pat|rt)-[\w-]|npm_[A-Za-z0-9]|pypi-[\w-]|dckr_pat_[\w-]|shpat_\w)[\w-]{14,254})/dg,
  ],
  ['token', ['akia', 'asia'], /(?<![\w-])((?:AKIA|ASIA)[A-Z0-9]{16})(?!\w)/dg],
  ['token', ['xox', 'xapp-'], /(?<![\w-])((?:xox[a-z]|xapp)-[A-Za-z0-9-]{8,255})/dg],
  ['token', ['eyj'], /(?<![\w-])(eyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*)/dg],
  ['token', ['aiza', 'ya29.'], /(?<![\w-])(AIza[\w-]{30,45}|ya29\.[\w.-]{10,512})/dg],
  ['token', ['_live_', '_test_'], /(?<!\w)([a-z]{2,6}_(?:live|test)_[A-Za-z0-9]{16,255})/dg],
  ['token', ['sg.', 'hvs.', 'hvb.'], /(?<![\w.])(SG\.[\w-]{10,64}\.[\w-]{10,64}|hv[sb]\.[\w-]{20,255})/dg],
  ['token', [':aa'], /(?<!\w)(\d{8,10}:AA[\w-]{30,36})(?![\w-])/dg],
  [
    'token',
    ['hooks.slack.com/', '/api/webhooks/'],
    /(?:hooks\.slack\.com\/\w{1,16}|\/api\/webhooks)\/([\w/-]{16,255})/dg,
  ],
  ['private-key', ['age-secret-key-'], /(AGE-SECRET-KEY-1[A-Z0-9]{20,80})/dg],
  ['private-key', ['"kty"'], /"(?:d|p|q|dp|dq|qi|k)" ?: ?"([^"]{1,8192})"/dg],
  [
    'hash',
    ['$'],
    /(?<![\w$])(\$(?:[156789]|14|2[abxy]?|g?y|sha1|md5|apr1|argon2(?:id?|d)|scrypt|pbkdf2[\w-]{0,16}|bcrypt[\w-]{0,16}|[PHS])\$[^\s"'<>:;)]{3,512})/dg,
  ],
  ['hash', ['pbkdf2', 'scram-sha'], /(?<!\w)((?:pbkdf2[_:]sha\d{1,3}|SCRAM-SHA-\d{1,3})[$:][^\s"'<>;)]{16,512})/dg],
  [
    'hash',
    ['{'],
    /(\{(?:s?sha\d{0,3}|s?md5|crypt|pbkdf2[\w-]{0,16}|[bs]crypt|argon2|noop|cleartext)\}[^\s"'<>]{4,512})/dgi,
  ],
  ['hash', ['*'], /(?<![\w*])(\*[0-9A-F]{40})(?!\w)/dg],
  ['hash', [':::'], /(?<!\w)([0-9a-f]{32}:[0-9a-f]{32})(?=:::)/dgi],
  [
    'session',
    ['sessionid', 'sessid', 'connect.sid', '_session'],
    /(?<![a-z])(?:j?sessionid|(?:php)?sessid|asp\.net_sessionid|aspsessionid\w{0,16}|connect\.sid|laravel_session)(?:=|%3d|: )["']?(?!\d{1,20}(?!\w))([\w%.+/-]{8,512})/dgi,
  ],
  ['signature', ['sig=', 'signature='], /(?:[?&]sig|x-(?:amz|goog)-signature)=([^\s&"'<>]{8,1024})/dgi],
  [
    'pin',
    ['pin', 'puk', 'otp', 'mfa'],
    /(?<![a-z])(?:c?pin|puk|t?otp|mfa)(?:[ _-]?code)?["']? ?[:=] ?["']?(\d{4,8})(?!\w)/dgi,
  ],
  ['url-password', ['@'], /:\/\/(?=[\w-]{0,64}\d)([A-Za-z0-9_-]{16,255})@/dg],
];
