/** Functions of remediation: what they are allowed is used in a story of its own. */
export const remedyFunctions: readonly string[] = [
  'planner',
  'responder',
  'remedy-gate',
  'remedy-approval',
  'remedy-apply',
  'remedy-verify',
  'remedy-close',
  'scaler',
];

/** What the API is allowed for remediation alone. */
export const apiForRemedies: readonly string[] = ['CheckSecrets', 'Planner', 'Workflows'];

export const isOfRemedies = (functionName: string, sid: string): boolean =>
  remedyFunctions.includes(functionName) || (functionName === 'api' && apiForRemedies.includes(sid));
