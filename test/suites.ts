import { chromium, dynamoDbLocal, ministack, moto, targetServers } from './installed.ts';

/** Something a suite needs beside what npm installs: `found` gives its path, which reaches the tests as `variable`. */
export type Engine = {
  readonly variable: string;
  readonly found: () => string | undefined;
  /** One line for the person who wants the suite to run. */
  readonly enable: string;
};

export type Suite = {
  readonly name: string;
  readonly include: readonly string[];
  readonly engine?: Engine;
  /** For one test and one hook; a driven clock makes hours of story time, but probes and processes stay real. */
  readonly timeoutSeconds: number;
  /** Files in this suite start processes or measure: one at a time. */
  readonly alone?: true;
  readonly environment?: Readonly<Record<string, string>>;
};

const files = (folder: string): string => `test/${folder}/**/*.test.ts`;

/** In the order they run: what fails fastest and says most about a mistake comes first. */
export const suites: readonly Suite[] = [
  { name: 'domain', include: ['test/architecture.test.ts', files('domain')], timeoutSeconds: 20 },
  { name: 'functions', include: [files('functions')], timeoutSeconds: 20 },
  { name: 'storage', include: [files('storage')], timeoutSeconds: 60 },
  { name: 'infra', include: [files('infra')], timeoutSeconds: 120 },
  { name: 'stories', include: [files('stories')], timeoutSeconds: 120, alone: true },
  {
    name: 'targets',
    include: ['test/targets/*.test.ts'],
    timeoutSeconds: 60,
    alone: true,
    engine: {
      variable: 'TARGET_SERVERS',
      found: targetServers,
      enable:
        'install nginx, Redis, MariaDB, PostgreSQL and OpenSSL (Debian: apt-get install nginx redis-server mariadb-server-core postgresql openssl), or list the folders of their programs in TARGET_SERVERS',
    },
  },
  {
    name: 'moto',
    include: [files('targets/moto')],
    timeoutSeconds: 60,
    alone: true,
    engine: {
      variable: 'MOTO',
      found: moto,
      enable:
        "`pip install 'moto[server]==5.2.1'` in a Python environment on the PATH, or name its moto_server in MOTO",
    },
  },
  {
    name: 'web',
    include: [files('web')],
    timeoutSeconds: 60,
    alone: true,
    engine: {
      variable: 'CHROMIUM',
      found: chromium,
      enable: 'install Chromium (Debian: apt-get install chromium) or name one in CHROMIUM',
    },
  },
  {
    name: 'dynamodb-local',
    include: [files('storage')],
    timeoutSeconds: 60,
    alone: true,
    environment: { HOMEOSTAT_STORAGE_ENGINE: 'dynamodb-local' },
    engine: {
      variable: 'DYNAMODB_LOCAL',
      found: dynamoDbLocal,
      enable:
        'install Java 17 and `npm i --no-save amplify-dynamodb-simulator@2.9.30`, or name the folder of DynamoDBLocal.jar in DYNAMODB_LOCAL',
    },
  },
  {
    name: 'deploy',
    include: [files('deploy')],
    timeoutSeconds: 240,
    alone: true,
    engine: {
      variable: 'MINISTACK',
      found: ministack,
      enable:
        '`pip install ministack==1.5.33` in a Python environment on the PATH, or name its executable in MINISTACK',
    },
  },
];
