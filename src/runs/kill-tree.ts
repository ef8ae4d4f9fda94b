import { readdir, readFile } from 'node:fs/promises';
import treeKill from 'tree-kill';

/**
 * Sends a signal to a process and to everything that it started, children first. Processes that are gone already are passed
 * over. On Windows, where signals do not exist, all of them are ended at once.
 */
export async function killTree(pid: number, signal: NodeJS.Signals): Promise<void> {
  // tree-kill asks `ps` on Linux, which slim containers lack, and then throws outside of anyone's reach
  if (process.platform === 'linux') for (const member of [...(await descendants(pid)), pid]) sendSignal(member, signal);
  else await new Promise<void>((resolve) => treeKill(pid, signal, () => resolve()));
}

/** Sends a signal to one process. Returns whether there was such a process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Everything below a process, deepest first. */
async function descendants(pid: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'latin1').catch(() => ''); // it may have ended meanwhile
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [...below(child), child]);
  return below(pid);
}
