import { SoupError } from '../errors';

/** The work was interrupted by the user; the command line exits with 130. */
export function interrupted(): SoupError {
  return new SoupError('InterruptedError', 'interrupted: nothing was written', { isInput: false });
}

/** @throws InterruptedError once `signal` is aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted();
}

export function notSafetensors(file: string, what: string): SoupError {
  return new SoupError('NotSafetensorsError', `${file}: not a safetensors file: ${what}`);
}

export function malformedHeader(file: string, what: string): SoupError {
  return new SoupError('MalformedHeaderError', `${file}: malformed safetensors header: ${what} — write the file again with a safetensors library`);
}

export function headerTooLarge(file: string, headerBytes: bigint, limit: string): SoupError {
  return new SoupError('HeaderTooLargeError', `${file}: the header claims ${headerBytes} bytes, ${limit} — the file is damaged or not safetensors; fetch it again`);
}

export function truncatedFile(file: string, missingBytes: number, expectedBytes: number): SoupError {
  return new SoupError('TruncatedFileError', `${file}: truncated, ${missingBytes} of ${expectedBytes} bytes are missing at the end — copy or download it again`);
}

export function trailingBytes(file: string, extraBytes: number): SoupError {
  return new SoupError('TrailingBytesError', `${file}: ${extraBytes} bytes after the last tensor belong to nothing — write the file again with a safetensors library`);
}

export function overlappingTensors(file: string, first: string, second: string, offset: number): SoupError {
  return new SoupError('OverlappingTensorsError', `${file}: tensors ${first} and ${second} overlap at data offset ${offset} — the header is damaged; write the file again`);
}

export function holeInData(file: string, tensor: string, from: number, to: number): SoupError {
  return new SoupError('HoleInDataError', `${file}: bytes ${from} to ${to} before tensor ${tensor} belong to no tensor — the header is damaged; write the file again`);
}

export function unknownDtype(where: string, dtype: string, advice: string): SoupError {
  return new SoupError('UnknownDtypeError', `${where}: unknown dtype ${JSON.stringify(dtype)} — ${advice}`);
}

export function tensorSizeMismatch(where: string, dtype: string, shape: readonly number[], expectedBytes: number, actualBytes: number): SoupError {
  return new SoupError('TensorSizeError', `${where}: ${dtype} [${shape.join(', ')}] needs ${expectedBytes} bytes, got ${actualBytes} — the header is damaged; write the file again`);
}

export function duplicateTensor(file: string, name: string): SoupError {
  return new SoupError('DuplicateNameError', `${file}: the name ${JSON.stringify(name)} stands twice in the header — write the file again with unique names`);
}

export function missingTensor(file: string, name: string): SoupError {
  return new SoupError('MissingTensorError', `${file}: has no tensor ${JSON.stringify(name)} — list its tensors with \`soup inspect\``);
}

export function checkpointNotFound(file: string, advice: string): SoupError {
  return new SoupError('CheckpointNotFoundError', `${file}: no checkpoint here — ${advice}`);
}

export function missingShard(index: string, shard: string, tensors: number): SoupError {
  return new SoupError('MissingShardError', `${index}: shard ${shard} with ${tensors} tensors is missing — download it into the same folder`);
}

export function malformedIndex(index: string, what: string): SoupError {
  return new SoupError('MalformedIndexError', `${index}: ${what} — download the index again`);
}

export function malformedConfig(file: string, cause: unknown): SoupError {
  return new SoupError('MalformedConfigError', `${file}: not a JSON object${cause instanceof Error ? ` (${cause.message})` : ''} — repair or remove it`, { cause });
}

export function unsupportedAdapter(adapter: string, what: string): SoupError {
  return new SoupError('UnsupportedAdapterError', `${adapter}: ${what} — merge it into its base with PEFT first (merge_and_unload)`);
}

export function malformedAdapter(adapter: string, what: string): SoupError {
  return new SoupError('MalformedAdapterError', `${adapter}: ${what}`);
}

export function adapterMismatch(adapter: string, what: string): SoupError {
  return new SoupError('AdapterMismatchError', `${adapter}: ${what}`);
}

export function diskFull(directory: string, neededBytes: number, freeBytes: number): SoupError {
  return new SoupError('DiskFullError', `${directory}: ${neededBytes} bytes are needed and ${freeBytes} are free, nothing was written — free space or choose another output`, { isInput: false });
}

/** A failure of the file system as one line: what it means for a checkpoint, and what to do. Named errors pass as they are. */
export function fileSystemError(file: string, error: unknown): SoupError {
  if (error instanceof SoupError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return checkpointNotFound(file, 'check the path');
  if (code === 'ENOSPC' || code === 'EDQUOT') return new SoupError('DiskFullError', `${file}: the disk is full, nothing was written — free space or choose another output`, { isInput: false, cause: error });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new SoupError('AccessDeniedError', `${file}: access denied (${code}) — change its permissions or choose another path`, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new SoupError('FileError', `${file}: ${message}`, { isInput: false, cause: error });
}
