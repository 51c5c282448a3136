/** Who keeps a definition, in words. */
export const keeperWords = {
  file: 'a file: change it there',
  api: 'the console or API',
  builtin: 'built in',
} as const;
