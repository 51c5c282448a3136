import { type CheckSettings, checkSettingsFrom } from '../health/api.ts';
import { type ChannelSettings, channelSettingsFrom } from '../notifications/api.ts';

/**
 * What a file is judged by. Which private ranges may be reached, whether there is a runner in a VPC, which secrets
 * and functions may be named: only the stack knows that the file is applied to: here everything is allowed, and the stack refuses.
 */
export const settingsForFiles = (defaultIntervalSeconds: number): CheckSettings => {
  const settings = {
    defaultIntervalSeconds: String(defaultIntervalSeconds),
    vpcRunner: 'true',
    allowedPrivateRanges: '0.0.0.0/0,::/0',
    checkSecretNames: '*',
    teamFunctionArns: '*',
    awsServices: '*',
  };
  return { ...checkSettingsFrom((name) => settings[name]), isWithoutStack: true };
};

/** The same for channels. */
export const channelSettingsForFiles: ChannelSettings = {
  ...channelSettingsFrom((name) => (name === 'allowedPrivateRanges' ? '0.0.0.0/0,::/0' : '*')),
  isWithoutStack: true,
};
