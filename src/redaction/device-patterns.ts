import { type Pattern, quotedOrWord } from './pattern-rules.js';

const digest = '(?:md5|sha[\\w-]*|hmac-\\w+)';
/** The words for encryption or encoding that devices put before the value. */
const type = '(?:(?:\\d|enc|cipher|plain(?:text)?|ciphertext|encrypted|ascii|hex|key)[ \\t]{1,4}){0,2}';
const value = `(?!<redacted:)${quotedOrWord}`;

/** Configurations of routers, firewalls and VPN gateways, in forms without `password` or `secret` before the value. */
export const devicePatterns: readonly Pattern[] = [
  device(
    ['radius', 'tacacs', 'isakmp', 'aaa-server'],
    `(?:^|[\\]:>#$"' -])(?:radius|tacacs|crypto isakmp|aaa-server)[\\w-]{0,16}[ \\t](?:[^\\n]{0,128}?[ \\t])?key[ \\t]{1,4}(?!exchange|is|was|has|not|from|for|of|in)${type}`,
  ),
  device(
    ['-port', 'pre-shared-key'],
    `(?:-port[ \\t]{1,4}\\d{1,5}|pre-shared-key(?:[ \\t][^\\n]{1,64})?)[ \\t]{1,4}key[ \\t]{1,4}${type}`,
  ),
  device(['md5', 'sha', 'hmac'], `-key[ \\t]{1,4}\\d{1,5}[ \\t]{1,4}${digest}[ \\t]{1,4}${type}`),
  device(['key-string'], `key-string[ \\t]{1,4}${type}`),
  device(
    ['snmp', 'usm', 'createuser'],
    `(?:(?:snmp|usm)[^\\n]{0,256}?(?<![\\w-])auth(?:entication(?:-mode)?)?|createuser[ \\t]\\S{1,64})[ \\t]{1,4}${digest}[ \\t]{1,4}${type}`,
  ),
  device(['priv'], `(?<![\\w-])priv(?:acy(?:-mode)?)?[ \\t]{1,4}(?:3?des|aes)(?:[ -]?\\d{2,3})?[ \\t]{1,4}${type}`),
  device(['createuser'], `createuser[^\\n]{1,128}?[ \\t](?:3?des|aes)[ \\t]{1,4}`),
  device(['rocommunity', 'rwcommunity'], `(?<![\\w-])r[ow]community6?[ \\t]{1,8}`),
  device(['com2sec'], `(?<!\\S)com2sec6?[ \\t]{1,8}\\S{1,64}[ \\t]{1,8}\\S{1,64}[ \\t]{1,8}`),
  device(['trapsink', 'trap2sink', 'informsink'], `(?<!\\S)(?:trap2?|inform)sink[ \\t]{1,8}\\S{1,64}[ \\t]{1,8}`),
  device(['/snmp community'], `/snmp community (?:add|set)[ \\t][^\\n]{0,128}?name=`),
  device(['psk', 'presharedkey'], `(?:psk|presharedkey)[ \\t][^\\n]{1,128}?[ \\t]key=`),
  device(['snmp'], `snmp-server host [^\\n]{1,128}?version (?:1|2c)[ \\t]{1,4}`),
  device(['wpa-psk', 'wep'], `(?:wpa-psk|wep-?key)[ \\t]{1,4}(?:\\d[ \\t]{1,4})?(?:ascii|hex)[ \\t]{1,4}${type}`),
  [
    'password',
    [': psk', ': eap', ': xauth', ': ntlm', ': rsa', ': ecdsa', ': p12', ': pkcs8'],
    /(?:^|\s): ?(?:(?:PSK|EAP|XAUTH|NTLM) |(?:RSA|ECDSA|P12|PKCS8) \S{1,128} )(?:"([^"]{1,256})"|(0[xs]\w{1,256}))/dg,
  ],
  ['psk', ['wep'], /(?<![a-z])wep_?key\d? ?= ?"?([^\s"]{5,64})/dgi],
];

function device(anchors: readonly string[], before: string): Pattern {
  return ['secret', anchors, new RegExp(before + value, 'dgi')];
}
