/** Words for a password in other languages. */
const words = (
  'lösenordet lösenord lösen passord adgangskode kodeord lykilorð lykilord kennwort losungswort motdepasse mdp contraseña contrasena senha ' +
  'wachtwoord salasana hasło haslo heslo jelszó jelszo şifre sifre parola parolă пароль κωδικός parool slaptažodis lozinka geslo ' +
  'パスワード 密码 口令 密碼 비밀번호 암호 סיסמה 暗証番号'
).split(' ');

/** The same words in UTF-8 and in latin1, in small letters, in capitals and capitalised. */
export const foreignWords: readonly string[] = [
  ...new Set(
    words
      .flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)])
      .flatMap((word) => [Buffer.from(word).toString('latin1'), ...(/^[\x00-\xff]*$/.test(word) ? [word] : [])])
      .filter((word) => word.length > 1),
  ),
];
