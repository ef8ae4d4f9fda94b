import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Smaller files are hashed faster than looked up is worth. */
const leastBytes = 1 << 24;
/** A file that was changed less than this before it was hashed could change again within the same tick of its clock. */
const settledNs = 2_000_000_000n;
const mostKnown = 4000;

/** What of a file changes whenever its content does: the system sets the time of change itself, whoever writes. */
export interface FileIdentity {
  readonly file: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** unchanged for long enough that a later change gets another time */
  readonly isSettled: boolean;
}

export function fileIdentity(file: string): FileIdentity {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
  const isSettled = BigInt(Date.now()) * 1_000_000n - ctimeNs > settledNs;
  return { file, key: [dev, ino, size, mtimeNs, ctimeNs].join(':'), sizeBytes: Number(size), isSettled };
}

/**
 * SHA-256 of big files that were hashed before, in the user's cache directory: a file is the same while its device,
 * inode, size and times of modification and change are. Merging the same experts again then needs no hashing. Where the
 * cache cannot be read or written, files are hashed as if they were new.
 */
export class KnownDigests {
  private readonly digests: Map<string, string>;

  constructor(private readonly store = path.join(cacheDirectory(), 'digests')) {
    this.digests = new Map(stored(store));
  }

  get({ key }: FileIdentity): string | undefined {
    return this.digests.get(key);
  }

  /** Keeps the digests of files that are still what they were when `identity` was taken, before they were hashed. */
  remember(hashed: readonly { readonly identity: FileIdentity; readonly sha256: string }[]): void {
    const worth = hashed.filter(({ identity }) => identity.isSettled && identity.sizeBytes >= leastBytes && isUnchanged(identity));
    if (worth.length === 0) return;
    // what others have stored meanwhile stays
    const all = new Map([...stored(this.store), ...worth.map(({ identity, sha256 }): [string, string] => [identity.key, sha256])]);
    for (const [key, sha256] of all) this.digests.set(key, sha256);
    try {
      mkdirSync(path.dirname(this.store), { recursive: true });
      const temporary = `${this.store}.${process.pid}`;
      writeFileSync(temporary, [...all].slice(-mostKnown).map(([key, sha256]) => `${sha256} ${key}\n`).join(''));
      renameSync(temporary, this.store);
    } catch {
      // a cache that cannot be written costs time and nothing else
    }
  }
}

function isUnchanged({ file, key }: FileIdentity): boolean {
  try {
    return fileIdentity(file).key === key;
  } catch {
    return false;
  }
}

function stored(store: string): [key: string, sha256: string][] {
  let text: string;
  try {
    text = readFileSync(store, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, sha256, key] = /^([0-9a-f]{64}) ([0-9:]+)$/.exec(line) ?? [];
    return sha256 === undefined ? [] : [[key, sha256] as [string, string]];
  });
}

function cacheDirectory(): string {
  const { XDG_CACHE_HOME: given, LOCALAPPDATA: local } = process.env;
  const usual = process.platform === 'win32' && local ? local : path.join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return path.join(given || usual, 'rewarded-soups');
}
