import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import path from 'node:path';
import { assetPath } from '../assets';

/** A process that outlives whoever started it. */
export interface LaunchedCommand {
  readonly pid: number | null;
  /** its end, where the starter lives to see it; `error` when it could not be started at all */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: NodeJS.Signals | null; readonly error: Error | null }>;
}

export interface LaunchOptions {
  readonly cwd: string;
  /** where the bundles are; by default beside the running code */
  readonly dist?: string;
  /** file that gets its output, appended; by default it goes nowhere */
  readonly log?: string;
}

/**
 * Starts `soup <args>` as a process of its own, which goes on when the starter ends: the editor starts experiments so, and
 * then only watches their files. Inside VS Code, `process.execPath` is the editor itself and acts as
 * Node because of ELECTRON_RUN_AS_NODE.
 */
export function launchSoup(args: readonly string[], { cwd, dist, log }: LaunchOptions): LaunchedCommand {
  const cli = dist ? path.join(dist, 'cli.js') : assetPath('cli.js');
  if (log) mkdirSync(path.dirname(log), { recursive: true });
  const output = log ? openSync(log, 'a') : 'ignore';
  const child = spawn(process.execPath, [cli, ...args], { cwd, detached: true, windowsHide: true, stdio: ['ignore', output, output], env: nodeEnvironment() });
  if (typeof output === 'number') closeSync(output);
  const ended = new Promise<Awaited<LaunchedCommand['ended']>>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, signal: null, error }));
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, error: null }));
  });
  child.unref();
  return { pid: child.pid ?? null, ended };
}

/** The environment that makes `process.execPath` behave as Node, also where it is Electron. */
export function nodeEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...extra };
  if (process.versions.electron) delete environment.NODE_OPTIONS; // the editor's own options must not reach a child
  return environment;
}
