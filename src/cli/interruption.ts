/**
 * Runs work that Ctrl-C (or a termination) aborts through a signal, so that it can clean up; a second Ctrl-C ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const abort = () => controller.abort();
  for (const name of names) process.once(name, abort);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of names) process.removeListener(name, abort);
  }
}

/** Progress on stderr: one line that is rewritten on a terminal, a plain line each quarter otherwise. */
export function progressReporter(stream: NodeJS.WriteStream = process.stderr): { readonly report: (label: string, fraction: number) => void; readonly end: () => void } {
  let last = '';
  return {
    report(label, fraction) {
      const step = stream.isTTY ? 1 : 25;
      const percent = Math.floor((100 * fraction) / step) * step;
      const text = `${label} ${percent} %`;
      if (text === last) return;
      last = text;
      stream.write(stream.isTTY ? `\r${text}\x1b[K` : `${text}\n`);
    },
    end() {
      if (stream.isTTY && last !== '') stream.write('\r\x1b[K');
    },
  };
}

/** 1536 -> `1.5 KiB` */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
