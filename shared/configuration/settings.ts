import { type CheckSettings, checkSettingsFrom } from '../health/api.ts';

/**
 * What a file is judged by. Which private ranges may be reached and whether there is a runner in a VPC, only the
 * stack knows that the file is applied to: here everything is allowed, and the stack refuses.
 */
export const settingsForFiles = (defaultIntervalSeconds: number): CheckSettings => {
  const settings = {
    defaultIntervalSeconds: String(defaultIntervalSeconds),
    vpcRunner: 'true',
    allowedPrivateRanges: '0.0.0.0/0,::/0',
  };
  return checkSettingsFrom((name) => settings[name]);
};
