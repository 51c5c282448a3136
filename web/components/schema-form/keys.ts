let lastKey = 0;
/** What a row is told apart by while it is on the page. */
export const newKey = (): number => ++lastKey;
