import { fileSha256 } from '../checkpoint/digest';
import { fileSystemError } from '../checkpoint/errors';
import { fileIdentity, KnownDigests, type FileIdentity } from '../checkpoint/known-digests';

/** SHA-256 of a merge's input files: of those that were hashed before and have not changed since, what is known. */
export class InputHashes {
  private readonly digests: KnownDigests;
  private readonly identities: readonly FileIdentity[];
  /** files that have to be hashed */
  readonly unknown: readonly string[];

  constructor(files: readonly string[]) {
    this.digests = new KnownDigests();
    this.identities = files.map(identityOf);
    this.unknown = this.identities.filter((identity) => this.digests.get(identity) === undefined).map(({ file }) => file);
  }

  /** All hashes, once the unknown ones are computed; they are known to the next merge. A file that was replaced meanwhile is hashed. */
  async complete(computed: readonly (readonly [file: string, sha256: string])[], signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const hashes = new Map(computed);
    this.digests.remember(this.identities.flatMap((identity) => {
      const sha256 = hashes.get(identity.file);
      return sha256 === undefined ? [] : [{ identity, sha256 }];
    }));
    for (const identity of this.identities) {
      if (hashes.has(identity.file)) continue;
      const known = identityOf(identity.file).key === identity.key ? this.digests.get(identity) : undefined;
      hashes.set(identity.file, known ?? (await fileSha256(identity.file, signal)));
    }
    return hashes;
  }
}

function identityOf(file: string): FileIdentity {
  try {
    return fileIdentity(file);
  } catch (error) {
    throw fileSystemError(file, error);
  }
}
