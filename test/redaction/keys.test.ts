import { describe, expect, it } from 'vitest';
import { redact, redactChunks } from './redact.ts';

const password = '<redacted:password>';

describe('a key with a secret', () => {
  it.each([
    ['password=hunter2', `password=${password}`],
    ['PASSWORD: hunter2', `PASSWORD: ${password}`],
    ['passwd = hunter2', `passwd = ${password}`],
    ['user=bob pwd=hunter2 port=22', `user=bob pwd=${password} port=22`],
    ['dbpass=hunter2;Server=x', `dbpass=${password};Server=x`],
    ['AdminPassword=hunter2', `AdminPassword=${password}`],
    ['spring.datasource.password=hunter2', `spring.datasource.password=${password}`],
    ['radius_secret=hunter2', 'radius_secret=<redacted:secret>'],
    ['aws_secret_access_key = hunter2', 'aws_secret_access_key = <redacted:secret>'],
    ['pskValue: hunter2', 'pskValue: <redacted:psk>'],
    ['pre-shared key: hunter2', 'pre-shared key: <redacted:psk>'],
    ['access_token=hunter2,expires=30', 'access_token=<redacted:token>,expires=30'],
    ['X-Auth-Token: hunter2', 'X-Auth-Token: <redacted:token>'],
    ['apiKey=hunter2', 'apiKey=<redacted:api-key>'],
    ["privateKey: 'hunter2'", "privateKey: '<redacted:private-key>'"],
    ['SNMP community: hunter2', 'SNMP community: <redacted:community>'],
    ['User{name=bob, password=hunter2}', `User{name=bob, password=${password}}`],
    ['[sudo] password for bob: hunter2', `[sudo] password for bob: ${password}`],
  ])('loses it and stays readable itself: %s', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });

  it.each([
    ['{"user":"bob","password":"hun\\"ter 2","port":22}', `{"user":"bob","password":"${password}","port":22}`],
    ["password='correct horse' user=bob", `password='${password}' user=bob`],
    ['{\\"password\\":\\"hunter2\\",\\"port\\":22}', `{\\"password\\":\\"${password}\\",\\"port\\":22}`],
    ['{"name":"password","value":"hunter2"}', `{"name":"password","value":"${password}"}`],
    ['<password>hunter 2</password>', `<password>${password}</password>`],
    ['<ns:Password type="x">hunter2</ns:Password>', `<ns:Password type="x">${password}</ns:Password>`],
    ['<password><![CDATA[hun<ter2]]></password>', `<password><![CDATA[${password}]]></password>`],
    ['<user name="bob" password="hunter2"/>', `<user name="bob" password="${password}"/>`],
    ['<property name="password" value="hunter2"/>', `<property name="password" value="${password}"/>`],
    ['<entry key="password">hunter2</entry>', `<entry key="password">${password}</entry>`],
    ['GET /login?user=bob&password=hunter2&x=1 HTTP/1.1', `GET /login?user=bob&password=${password}&x=1 HTTP/1.1`],
    ['user[password]=hunter2', `user[password]=${password}`],
    ['%22password%22%3A%22hunter2%22%2C%22x%22', `%22password%22%3A%22${password}%22%2C%22x%22`],
    ['password="never closed, with blanks', `password="${password}`],
    ['secrets: ["a", "b"], x', 'secrets: [<redacted:secret>], x'],
    ['"password":{"value":"hunter2"},"x":1', `"password":{${password}},"x":1`],
    ['password hash: $6$x', `password hash: ${password}`],
    ['password=a&b,c;d', `password=${password}`],
    ['  passphrase: correct horse battery', `  passphrase: ${password}`],
  ])('loses it in JSON, XML, URLs and quotes: %s', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });

  it.each([
    ['set sdwan site Password=hunter2', `set sdwan site Password=${password}`],
    ['tool -password hunter2 -x 1', `tool -password ${password} -x 1`],
    ["tool --password 'hunter 2' --y", `tool --password '${password}' --y`],
    ['sw1# set user bob password hunter2', `sw1# set user bob password ${password}`],
    ['snmp community hunter2', 'snmp community <redacted:community>'],
    ['snmp-server community hunter2 RO', 'snmp-server community <redacted:community> RO'],
    ['rocommunity hunter2 10.0.0.0/8', 'rocommunity <redacted:community> 10.0.0.0/8'],
    ['enable secret 5 hunter2', 'enable secret 5 <redacted:secret>'],
    [' password 7 hunter2', ` password 7 ${password}`],
    ['tacacs-server host 10.2.2.5 key 7 hunter2', 'tacacs-server host 10.2.2.5 key 7 <redacted:secret>'],
    ['crypto isakmp key hunter2 address 10.2.2.5', 'crypto isakmp key <redacted:secret> address 10.2.2.5'],
    ['crypto isakmp pre-shared-key hunter2', 'crypto isakmp pre-shared-key <redacted:psk>'],
  ])('loses it in a CLI echo (I08): %s', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });

  it.each([
    'passed=3 bypass=yes passive: on tokenizer=x secretary: Ann compass=N',
    'password changed for user bob',
    'authentication failed: wrong password',
    'PasswordAge=30 password_expires: never token_type=bearer',
    'token expired',
    'set password for user bob',
    'update token cache',
    'Accepted password for root from 10.2.2.5 port 22 ssh2',
    'route-map set community 65000:100',
    'community: 65000:100',
    'PWD=/root',
    'https://host:8443/x?mail=a@b.example',
    'WWW-Authenticate: Bearer realm="x"',
  ])('is not every word that looks like one (I07): %s', (line) => {
    expect(redact(`${line}\n`)).toBe(`${line}\n`);
  });

  it('leaves times, ids, versions and addresses around it as they are (I07)', () => {
    const line = (value: string) =>
      `2026-11-20T10:30:00.123+01:00 10.2.2.5 v10.2.2.5 id=4711 550e8400-e29b-41d4-a716-446655440000 token=${value} at 10:30:01\n`;

    expect(redact(line('hunter2'))).toBe(line('<redacted:token>'));
    expect(redact('Password: expired 2026-11-20 10:30:00\n')).toBe(`Password: ${password} 2026-11-20 10:30:00\n`);
  });

  it.each([
    'password=',
    'password: ""',
    'password=****',
    'password: <redacted>',
    'password=[FILTERED]',
    'token: null',
  ])('has none when it is empty or masked already (I06): %s', (line) => {
    const { clean, counts } = redactChunks([Buffer.from(`${line}\n`)]);

    expect(clean.toString()).toBe(`${line}\n`);
    expect(counts).toEqual({});
  });

  it('leaves a mask that was in the text alone, and does not count it (I06)', () => {
    const text = 'password=<redacted:password> <redacted:token> x=<redacted:known>\n';

    const { clean, counts } = redactChunks([Buffer.from(text)], ['password', 'redacted', 'known']);

    expect(clean.toString()).toBe(`<redacted:known>=${text.slice('password='.length)}`);
    expect(counts).toEqual({ known: 1 });
  });
});

describe('a prompt whose answer is on the next line', () => {
  it('loses it (I08)', () => {
    expect(redact('login: bob\r\nPassword:\r\nhunter2\r\n$ \r\n')).toBe(
      `login: bob\r\nPassword:\r\n${password}\r\n$ \r\n`,
    );
    expect(redact('"password" :\n  7hunter2\n')).toBe(`"password" :\n  ${password}\n`);
  });

  it.each([
    '2026-11-20T10:30:00',
    '1795167125',
    '[2026-11-20',
    'two words',
    '',
    'host#',
    '{',
  ])('keeps a next line that is no answer: %s', (line) => {
    expect(redact(`Password:\n${line}\nnext\n`)).toBe(`Password:\n${line}\nnext\n`);
  });
});

describe('other shapes of secrets', () => {
  it.each([
    ['Authorization: Basic Ym9iOmh1bnRlcjI=', 'Authorization: Basic <redacted:authorization>'],
    [
      'Proxy-Authorization: Digest username="bob", response="x"',
      'Proxy-Authorization: Digest <redacted:authorization>',
    ],
    ['authorization: hunter2', 'authorization: <redacted:authorization>'],
    ['{"Authorization":"Bearer hunter2","x":1}', '{"Authorization":"Bearer <redacted:authorization>","x":1}'],
    [
      'curl -H "Authorization: Bearer x" https://h',
      'curl -H "Authorization: Bearer <redacted:authorization>" https://h',
    ],
    ['sent Bearer x to host', 'sent Bearer <redacted:token> to host'],
    ['Cookie: a=1; b=2', 'Cookie: <redacted:cookie>'],
    ['Set-Cookie: sid=1; Path=/', 'Set-Cookie: <redacted:cookie>'],
    ['fetch https://bob:p@ss@host/x', 'fetch https://bob:<redacted:url-password>@host/x'],
    [`x ghp_${'a1'.repeat(18)} y`, 'x <redacted:token> y'],
    ['x AKIAIOSFODNN7EXAMPLE y', 'x <redacted:token> y'],
    ['x xoxb-123456789012-abc y', 'x <redacted:token> y'],
    ['x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln_- y', 'x <redacted:token> y'],
  ])('are masked: %s', (line, masked) => {
    expect(redact(`${line}\n`)).toBe(`${masked}\n`);
  });

  it('counts what each rule masked', () => {
    const { counts } = redactChunks([Buffer.from('password=a pwd=b\ntoken=c\nBearer d\nplain\n')]);

    expect(counts).toEqual({ password: 2, token: 2 });
  });
});
