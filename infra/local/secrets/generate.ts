import { randomInt } from 'node:crypto';

/** The rules of GetRandomPassword, as AWS::SecretsManager::Secret.GenerateSecretString carries them. */
export type GenerateSecretString = {
  readonly PasswordLength?: number;
  readonly ExcludeCharacters?: string;
  readonly ExcludeLowercase?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly IncludeSpace?: boolean;
  readonly RequireEachIncludedType?: boolean;
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
};

const lowercase = 'abcdefghijklmnopqrstuvwxyz';
const numbers = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const draw = (alphabet: string): string => alphabet.charAt(randomInt(alphabet.length));

/** A new secret by the template's rules. Throws when the rules leave no character, or no room for each kind. */
export const generateSecret = (rules: GenerateSecretString): string => {
  const kinds = [
    rules.ExcludeLowercase ? '' : lowercase,
    rules.ExcludeUppercase ? '' : lowercase.toUpperCase(),
    rules.ExcludeNumbers ? '' : numbers,
    rules.ExcludePunctuation ? '' : punctuation,
    rules.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !rules.ExcludeCharacters?.includes(character)).join(''))
    .filter((kind) => kind !== '');
  const length = Number(rules.PasswordLength ?? 32);
  const required = (rules.RequireEachIncludedType ?? true) ? kinds : [];
  if (kinds.length === 0 || required.length > length) {
    throw new Error('GenerateSecretString leaves no character, or no room for each kind of character');
  }
  const characters = required.map(draw);
  while (characters.length < length) characters.push(draw(kinds.join('')));
  shuffle(characters);
  const password = characters.join('');
  if (rules.SecretStringTemplate === undefined || rules.GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...JSON.parse(rules.SecretStringTemplate), [rules.GenerateStringKey]: password });
};

/** Fisher–Yates: the characters that each kind demands must not always stand in front. */
const shuffle = (characters: string[]): void => {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
  }
};
