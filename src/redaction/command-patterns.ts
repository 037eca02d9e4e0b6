import { type Pattern, quotedOrWord } from './pattern-rules.js';

/** Programs, and what stands before a secret on their command lines. A blank may follow; `|`, `;` and `&` end a command. */
const options: readonly (readonly [programs: string, before: string])[] = [
  ['sshpass', '-p ?'],
  ['mysql\\w*|mariadb\\w*', '(?:-\\w+ )?-p(?! )'],
  ['mongo\\w*|influx|cqlsh|useradd|usermod|psexec\\w*|paexec|winexe|rdesktop', '-p '],
  ['docker login|podman login|az login|helm registry login', '-p '],
  ['ldap\\w+', '-w ?'],
  ['ldappasswd', '-[sa] ?'],
  ['smbclient|rpcclient|winexe|net rpc', `-U ?["']?[^\\s%"']{1,64}%`],
  ['ipmitool|sqlcmd|osql|bcp|isql|zip|unzip', '-P ?'],
  ...['-c ?', '-A ?', '-X ?'].map((before) => ['snmp[a-z]+', before] as const),
  ['7z\\w?|unrar', '-p(?! )'],
  ['redis-cli', '-a ?'],
  ['lftp|ncftp', `-u ?["']?[\\w.-]{1,64},`],
  ['plink|pscp|psftp|putty|kitty', '-pw '],
  ['\\wfreerdp\\w*|cmdkey|mstsc', '/p(?:ass)?:'],
  ['openssl', '-pass(?:in|out)? pass:'],
  ['openssl', '-[kK] '],
  ['openssl passwd', '(?:-\\w+ ){0,4}(?!-)'],
  ['rclone obscure', '(?!-)'],
  ['htpasswd', '-\\w*b\\w* \\S{1,128} \\S{1,64} '],
  ['schtasks', '/rp '],
  ['ConvertTo-SecureString', '(?:-\\w+ ){0,4}(?!-)'],
];

/** Command lines of shells and of databases. */
export const commandPatterns: readonly Pattern[] = [
  ...options.map(optionPattern),
  [
    'password',
    ['curl'],
    /(?<![\w-])curl(?:\.exe)? (?:[^|;\n]{0,256}? )?(?:-\w*[uU]|--(?:proxy-)?user)[ =]?(?:"[^\s:"]{1,64}:([^"]{1,256})|'[^\s:']{1,64}:([^']{1,256})|[^\s:"']{1,64}:([^\s"']{1,256}))/dg,
  ],
  [
    'password',
    ['wpa_passphrase'],
    new RegExp(`(?<![\\w./-])wpa_passphrase ["']?[\\w.-]{1,32}["']? ${quotedOrWord}`, 'dg'),
  ],
  [
    'password',
    ['net use'],
    /(?<!\w)net1? use (?:\w: )?\\\\[^\s]{1,255} (?:\/user:\S{1,128} )?(?![/*])["']?([^\s"']{1,255})/dgi,
  ],
  ['password', ['net user'], /(?<!\w)net1? user [^\s/]{1,64} (?![/*])["']?([^\s"']{1,255})["']? *(?=\/|$)/dgi],
  [
    'password',
    ['sudo'],
    /(?:echo|printf) (?:"([^"|]{1,255})"|'([^'|]{1,255})'|([^\s"'|]{1,255})) ?\| ?sudo (?:-\w+ ){0,3}-\w*S/dg,
  ],
  [
    'password',
    ['impacket', 'exec.py', 'secretsdump'],
    /(?:impacket-\w+|\w+exec\.py|secretsdump(?:\.py)?) [^\s:]{1,128}:['"]?([^'"\s@]{1,128})['"]?@/dg,
  ],
  ['password', ['chpasswd'], /["' ][\w.-]{1,64}:([^\s:"'|]{1,255})["']? ?\| ?(?:sudo )?chpasswd/dg],
  ['password', ['passwd'], /(?:echo|printf) ["']?([^\s"'|]{1,255})["']? ?\| ?(?:sudo )?passwd/dg],
  [
    'password',
    ['sqlplus', 'rman', 'jdbc:oracle'],
    /(?:(?<!\w)(?:sqlplus|rman) (?:-\w+ )?|:(?:thin|oci8?):)["']?\w{1,64}\/([^\s@"'/]{1,255})@/dgi,
  ],
  [
    'password',
    ['identified'],
    /\bidentified (?:with \S{1,64} )?(?:by|as|using)(?: password| values)? (?:"([^"\n]{1,256})"|'([^'\n]{1,256})'|(?<=(?:create|alter|grant|set)\b[^\n]{1,256})([^\s"';]{1,256}))/dgi,
  ],
  [
    'password',
    ['requirepass', 'masterauth', 'bindpw', 'rootpw'],
    new RegExp(`(?<!\\w)(?:requirepass|masterauth|bindpw|(?:olc)?rootpw):{0,2}[ \\t]{1,8}${quotedOrWord}`, 'dgi'),
  ],
];

function optionPattern([programs, before]: readonly [string, string]): Pattern {
  const names = (programs.replace(/\[.*?\]\+|\\w[*+?]?/g, '').match(/[A-Za-z-]{2,}[ a-z]*|7z/g) ?? []).map((each) =>
    each.toLowerCase(),
  );
  const form = `(?<![\\w-])(?:${programs})(?:\\.exe)?[ \\t](?:[^|;&\\n]{0,256}?[ \\t])?${before}${quotedOrWord}`;
  return ['password', names, new RegExp(form, programs.startsWith('C') ? 'dgi' : 'dg')];
}
