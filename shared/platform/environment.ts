import { type SettingName, settings } from './function/contract.ts';

/** The one place that reads the process environment inside a function. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;

/** The account and region a function runs in: models carry them so that member accounts can come later. */
export type Place = { readonly accountId: string; readonly region: string };

export const placeFrom = (environment: Readonly<Record<string, string | undefined>>): Place => ({
  accountId: environment.HOMEOSTAT_ACCOUNT_ID ?? '000000000000',
  region: environment.AWS_REGION ?? 'us-east-1',
});

export const settingFrom = (
  environment: Readonly<Record<string, string | undefined>>,
  name: SettingName,
): string => environment[settings[name]] ?? '';

/** In AWS Lambda itself. An emulator of it, which gives functions its own endpoint, is a machine like any other. */
export const isInsideLambda = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment.AWS_EXECUTION_ENV?.startsWith('AWS_Lambda_') === true && !environment.AWS_ENDPOINT_URL;
