import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * When a process started, as the operating system says; null where there is no such process (any more) or the
 * system does not tell. Opaque text, compared for equality: a reused pid has another start. On Linux it is the boot's id and the
 * clock ticks since (proc(5), field 22), which no change of the wall clock moves.
 */
export async function processStartedAt(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') return await startOnLinux(pid);
    if (process.platform === 'win32') return await output('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().ToString('o')`]);
    return await output('ps', ['-o', 'lstart=', '-p', String(pid)], { LC_ALL: 'C', TZ: 'UTC' });
  } catch {
    return null; // no such process, or a system without these tools: the pid alone has to do
  }
}

/**
 * Whether that very process is alive. A zombie, which has ended but was not waited for, is not.
 * @param startedAt what `processStartedAt` said of it; null trusts the pid alone
 */
export async function isProcessAlive(pid: number, startedAt: string | null): Promise<boolean> {
  if (!exists(pid)) return false;
  const found = await processStartedAt(pid);
  if (found === null) return process.platform !== 'linux'; // on Linux /proc always tells
  return startedAt === null || found === startedAt;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let bootId: string | null = null;

async function startOnLinux(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  // the command's name, in parentheses, may itself hold spaces and parentheses
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (!startTicks || state === 'Z' || state === 'X') return null;
  bootId ??= (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
  return `${bootId}/${startTicks}`;
}

async function output(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string | null> {
  const { stdout } = await run(command, [...args], { timeout: 10_000, windowsHide: true, env: { ...process.env, ...environment } });
  return stdout.trim() || null;
}
